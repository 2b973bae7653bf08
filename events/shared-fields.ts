import { field, PERSONAL } from './kinds/field';
import { choice } from './kinds/choice';
import { list, union } from './kinds/list';
import { object } from './kinds/object';
import { entry, id } from './kinds/texts';

/** Seed, "Common Data Struct". */
export const customFields = field(
  'CustomFields',
  list(
    object({
      id: field('Id', id, 'Field of the site'),
      name: field('Name', entry, 'Its name'),
      value: field('Value', entry, 'The entered value', PERSONAL),
    }),
  ),
  'Fields that the site defined, with the entered values',
);

/** The seed spells it `CustomVariable` in Chat and `CustomVariables` elsewhere; both together are joined by id. */
export const customVariables = (...names: [string, ...string[]]) =>
  field(
    names,
    union(
      object({
        id: field('Id', id, 'Variable of the site'),
        name: field('Name', entry, 'Its name'),
        value: field('value', entry, 'Its value', PERSONAL),
        url: field('url', entry, 'Link that belongs to the value', PERSONAL),
      }),
      (variable) => variable.id,
    ),
    'Variables that the site took from its pages',
  );

/** How a chat or offline message began. */
export const chatSource = field(
  'ChatSource',
  choice(
    { 0: 'button', 1: 'autoInvitation', 2: 'manualInvitation' },
    { chatButton: 'button', manuallyInvitation: 'manualInvitation' },
  ),
  'How it began',
);
