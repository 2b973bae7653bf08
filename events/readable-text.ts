/** Characters that a program may show as the end of a line: line feed, vertical tab, form feed, next line, line and paragraph separator. */
const LINE_END = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/;
/** Marks that change the direction of the text around them, and characters that are not shown. */
// oxlint-disable-next-line no-control-regex -- the pattern is for control characters
const TURNING = /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u202a-\u202e\u2066-\u2069]/g;
/** Marks of direction that a text in several scripts needs, and a name does not. */
const MARKS = /[\u061c\u200e\u200f]/g;

/** The lines of a text, ended by any of these, without marks that would change the direction of other lines. */
export const linesOf = (text: string): string[] => text.split(LINE_END).map((line) => line.replace(TURNING, ''));

/** The same with line feeds as the only ends of lines. */
export const cleanText = (text: string): string => linesOf(text).join('\n');

/** As one line, for names and other texts beside the texts of other people. */
export const oneLine = (text: string): string => linesOf(text).join(' ').replace(MARKS, '').replace(/\s+/g, ' ').trim();

/** After a label: further lines are indented, so that none can be taken for a line of its own. */
export const indented = (text: string): string => linesOf(text).join('\n    ');
