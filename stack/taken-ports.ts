/**
 * The ports that another program has.
 *
 * @param ports each that was wanted, and the address (or URL) that there is; undefined: none was needed
 */
export function takenPorts(ports: readonly (readonly [wanted: number, got: string | undefined])[]): number[] {
  return ports.flatMap(([wanted, got]) => (got === undefined || got.endsWith(`:${wanted}`) ? [] : [wanted]));
}
