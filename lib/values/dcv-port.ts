/**
 * Default of the DCV server: "Changing the server TCP/UDP port", Amazon DCV Administrator Guide.
 *
 * @internal
 */
export const DCV_PORT = 8443;
