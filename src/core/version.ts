/** Version of the library, as package.json says it too: files name what wrote them. */
export const version = "0.3.0";
