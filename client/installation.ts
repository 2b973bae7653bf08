import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { warn } from './journal/warn';

/** The form of an installation's id. */
export const INSTALLATION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Thrown when a cluster belongs to another installation than this publisher; nothing was sent to it. */
export class WrongInstallation extends Error {
  override readonly name = 'WrongInstallation';
  readonly advice: string;

  constructor(found: string, { id, from, dir }: Known & { readonly dir: string | undefined }) {
    super(`it belongs to the installation ${found}, and this publisher to ${id}${FROM[from](dir)}`);
    this.advice = `Correct its address or namespace. If this publisher is meant for it, ${MEND[from](found, dir)}.`;
  }
}

interface Known {
  readonly id: string;
  readonly from: 'option' | 'journal' | 'cluster';
}

const FROM: Readonly<Record<Known['from'], (dir?: string) => string>> = {
  option: () => '',
  journal: (dir) => `, as the journal in ${dir} has it`,
  cluster: () => ', which it met first',
};

const MEND: Readonly<Record<Known['from'], (found: string, dir?: string) => string>> = {
  option: (found) => `set installation to ${found}`,
  journal: (_, dir) => `end it, delete ${fileOf(dir ?? '')}, and start it again`,
  cluster: () => 'start it again',
};

/**
 * The installation that one publisher feeds: that of its option, else of its journal, else of the first cluster that it meets.
 * A cluster without one, as an earlier version has left it, is taken as it is.
 */
export class Installation {
  readonly #dir: string | undefined;
  readonly #isReadOnly: boolean;
  #known: Known | undefined;
  #stored: string | undefined;

  /**
   * @param given the option; undefined: not set
   * @param dir folder of the journal; undefined: none
   * @param isReadOnly true = the journal is another publisher's, and learns nothing from this one
   * @throws TypeError when the journal is of another one
   */
  constructor(given?: string, dir?: string, isReadOnly = false) {
    this.#dir = dir;
    this.#isReadOnly = isReadOnly;
    this.#stored = readStored(dir);
    if (given !== undefined) this.#known = { id: given, from: 'option' };
    if (given === undefined || this.#stored === undefined || given === this.#stored) return;
    throw new TypeError(
      `createPublisher: the journal in ${dir} belongs to the installation ${this.#stored}, and the option installation is ${given}. ` +
        'Correct the option, or give this publisher a journal of its own.',
    );
  }

  /** Undefined: not known yet. */
  get id(): string | undefined {
    return this.#known?.id ?? this.#stored;
  }

  /**
   * A cluster says to which installation it belongs; undefined: it does not know.
   *
   * @throws WrongInstallation
   */
  meet(found: string | undefined): void {
    if (!found) return;
    this.#stored ??= readStored(this.#dir); // another publisher may have had the folder until now
    this.#known ??= this.#stored ? { id: this.#stored, from: 'journal' } : { id: found, from: 'cluster' };
    if (this.#known.id !== found) throw new WrongInstallation(found, { ...this.#known, dir: this.#dir });
    if (this.#stored === undefined && this.#dir !== undefined && !this.#isReadOnly) this.#store(this.#dir, found);
  }

  #store(dir: string, id: string): void {
    this.#stored = id;
    const file = fileOf(dir);
    try {
      writeFileSync(`${file}.new`, id, { mode: 0o600, flush: true });
      renameSync(`${file}.new`, file);
    } catch (error) {
      warn(`${file} cannot be written: the next publisher on this journal asks again: ${(error as Error).message}`);
    }
  }
}

const fileOf = (dir: string): string => join(dir, 'installation');

/** The id that the journal in a folder keeps; undefined: there is no such file, or it is not whole. */
function readStored(dir: string | undefined): string | undefined {
  if (dir === undefined) return undefined;
  try {
    const text = readFileSync(fileOf(dir), 'utf8');
    return INSTALLATION_ID.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
