/** Light and dark; tokens have a hue, and the lightness of the page's scheme. */
export const pageStyle = `
:root{color-scheme:light dark;--ink:#1a1a1a;--ground:#fff;--line:#8a8a8a;--light:84%;--strong:65%}
@media (prefers-color-scheme:dark){:root{--ink:#f0f0f0;--ground:#141414;--line:#777;--light:24%;--strong:55%}}
body{font:16px/1.5 sans-serif;color:var(--ink);background:var(--ground);margin:0}
main{max-width:70em;margin:0 auto;padding:1em}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:14px;margin:1em 0}
caption{text-align:left;font-weight:bold;padding:.3em 0}
th,td{border:1px solid var(--line);padding:.2em .6em;text-align:right}
form{display:flex;flex-wrap:wrap;gap:1em;align-items:center}
select{font:inherit;color:var(--ink);background:var(--ground);border:1px solid var(--line);padding:.2em}
#text{font:15px/1.7 monospace;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);padding:.6em;margin:1em 0}
#text span{background:hsl(var(--hue) var(--strong) var(--light))}
.chunk{display:block;border-bottom:1px solid var(--line)}
.note{font-size:14px}`;
