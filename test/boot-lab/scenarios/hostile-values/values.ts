/** Everything that has a meaning to a shell, to XML, to a template engine or to a terminal, and a newline at the end. */
export const BYTES = `a'b"c $(touch /pwned) \`touch /pwned\`; touch /pwned # %s \\ $HOME \${x:-$(touch /pwned)} !! & | > < * ? [a] {b,c} ~
EOF
E
'; touch /pwned; ' "; touch /pwned; " {{ 7 * 7 }} {% raw %} é☃ &lt; \t -n
`;
