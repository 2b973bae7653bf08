/** An event becomes one record of this kind, at one contact or lead or at none. */
export interface Mode {
  readonly record: 'Case' | 'Task';
  readonly target: 'Contact' | 'Lead' | null;
  /** How the target is come by. updateNull fills only empty fields there, updateAll writes every field. */
  readonly how: 'none' | 'find' | 'create' | 'updateNull' | 'updateAll';
  /** List of fields for the target; also where its e-mail address or id may stand. */
  readonly targetFields: 'createContactFields' | 'updateContactFields' | 'leadFields' | null;
}

const toContact = (record: Mode['record'], how: Mode['how']): Mode => ({
  record,
  target: 'Contact',
  how,
  targetFields: how === 'create' ? 'createContactFields' : 'updateContactFields',
});
const toLead = (how: Mode['how']): Mode => ({ record: 'Task', target: 'Lead', how, targetFields: 'leadFields' });

/** The seed's `PurposeChatEnd`, by name. */
export const modes = {
  createCase: { record: 'Case', target: null, how: 'none', targetFields: null },
  attachCaseToContact: toContact('Case', 'find'),
  attachTaskToContact: toContact('Task', 'find'),
  attachTaskToLead: toLead('find'),
  createContactAndAttachCase: toContact('Case', 'create'),
  createContactAndAttachTask: toContact('Task', 'create'),
  createLeadAndAttachTask: toLead('create'),
  updateNullContactFieldsAndAttachCase: toContact('Case', 'updateNull'),
  updateAllContactFieldsAndAttachCase: toContact('Case', 'updateAll'),
  updateNullContactFieldsAndAttachTask: toContact('Task', 'updateNull'),
  updateAllContactFieldsAndAttachTask: toContact('Task', 'updateAll'),
} as const satisfies Record<string, Mode>;

export type ModeName = keyof typeof modes;

/** In the order of their numbers. */
export const modeNames = Object.keys(modes) as [ModeName, ...ModeName[]]; // there are eleven

export const isModeName = (name: string): name is ModeName => Object.hasOwn(modes, name);
