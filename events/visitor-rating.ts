import { defineEvent } from './define-event';
import { field, idOf, PERSONAL } from './kinds/field';
import { required } from './kinds/kind';
import { intOrNone } from './kinds/numbers';
import { siteId } from './kinds/site-id';
import { id, text, textId } from './kinds/texts';
import { customFields, customVariables } from './shared-fields';

/** Seed section "Visitor.Rating", class `Rating`. */
export const visitorRating = defineEvent({
  type: 'Visitor.Rating',
  about: 'A visitor has rated a chat.',
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    chatId: field(
      ['ChatGuid', 'ChatId'],
      required(textId),
      'The chat: its GUID if there is one, else its number',
      idOf('chat'),
    ),
    chatNumber: field('ChatId', id, "The chat's number, where the server sends it", idOf('chat')),
    ratingGrade: field('ratingGrade', intOrNone, 'The rating; null is not rated'),
    ratingComment: field('ratingComment', text, 'Comment with it', PERSONAL),
    customFields,
    customVariables: customVariables('CustomVariables', 'CustomVariable'),
  },
  example: {
    SiteId: 10001,
    ChatId: 70012,
    ChatGuid: '7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10',
    ratingGrade: 5,
    ratingComment: 'Quick and kind',
    CustomFields: [{ Id: 1, Name: 'Solved', Value: 'yes' }],
    CustomVariables: [{ Id: 2, Name: 'Cart', value: '99.90', url: 'https://www.example.com/cart' }],
  },
});
