/** The package has no types of its own. */
declare module 'html-to-text' {
  export function compile(options: {
    readonly wordwrap: false;
    readonly selectors: readonly { readonly selector: string; readonly options?: object }[];
  }): (html: string) => string;
}
