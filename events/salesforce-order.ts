import { choice } from './kinds/choice';
import { field, PERSONAL } from './kinds/field';
import { list } from './kinds/list';
import { object } from './kinds/object';
import { entry } from './kinds/texts';

const fieldValues = list(
  object({
    name: field('Name', entry, 'Field of the record'),
    value: field('value', entry, 'The value to write', PERSONAL),
    displayValue: field('DisplayValue', entry, 'How the value is shown; never written', PERSONAL),
  }),
);

/** Seed class `Salesforce`: the records to write. The site's connection says where. */
export const salesforceOrder = object({
  mode: field(
    'PurposeChatEnd',
    choice(
      {
        0: 'createCase',
        1: 'attachCaseToContact',
        2: 'attachTaskToContact',
        3: 'attachTaskToLead',
        4: 'createContactAndAttachCase',
        5: 'createContactAndAttachTask',
        6: 'createLeadAndAttachTask',
        7: 'updateNullContactFieldsAndAttachCase',
        8: 'updateAllContactFieldsAndAttachCase',
        9: 'updateNullContactFieldsAndAttachTask',
        10: 'updateAllContactFieldsAndAttachTask',
      },
      { updateAllContactFiledsAndAttachTask: 'updateAllContactFieldsAndAttachTask' },
    ),
    'The mode; null counts as createCase, as a sender cannot tell them apart',
  ),
  caseFields: field(['Cases', 'Case'], fieldValues, 'Fields of the one case'),
  taskFields: field(['Tasks', 'Task'], fieldValues, 'Fields of the one task'),
  leadFields: field(['Leads', 'Lead'], fieldValues, 'Fields of the one lead'),
  createContactFields: field(['CreateContact', 'CreateContacts'], fieldValues, 'Fields of a contact to create'),
  updateContactFields: field(
    ['UpdateContact', 'UpdateContacts'],
    fieldValues,
    'Fields of a contact to find and update',
  ),
});
