/** The language of a text as BCP 47 writes it (`zh_CN` -> `zh-CN`); undefined for another text, such as a language's name. */
export function languageTag(language: string | null | undefined): string | undefined {
  const tag = (language ?? '').trim().replaceAll('_', '-');
  if (tag.length > 35 || !/^[A-Za-z]{2,3}(?:-|$)/.test(tag)) return undefined;
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined; // it is no tag
  }
}
