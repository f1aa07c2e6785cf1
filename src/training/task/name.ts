/** The task of checkpoints and configurations that name none. */
export const nextTokenName = "next-token";
