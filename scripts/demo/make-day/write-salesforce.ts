import type { Fields } from './newtonsoft-text';
import type { Chat } from './write-chat';

/** Values of `PurposeChatEnd`. */
const MODES = 11;

/**
 * What the sites have their chats written to Salesforce as: by turns each of the modes, with the lists of fields that it needs.
 * The camping shop asks for that in some chats, the others in every second. Where a chat has no list at all, nothing is set up for it.
 */
export function writeSalesforce(chat: Chat, isChosen: boolean): { readonly Salesforce?: Fields } {
  const { site, number, missed } = chat;
  const isWanted = site.id === 10001 ? isChosen : number % 2 === 0;
  if (!isWanted || missed !== 0) return {};
  const turn = site.id === 10001 ? number : Math.floor(number / 2);
  const mode = turn % MODES;
  return { Salesforce: { PurposeChatEnd: mode, ...lists(chat, mode, turn % 2 === 0) } };
}

function lists({ visitor, product, order }: Chat, mode: number, isSetUp: boolean): Fields {
  const field = (Name: string, value: string): Fields => ({ Name, value, DisplayValue: value });
  const email = field('Email', visitor.email);
  const lastName = field('LastName', visitor.name);
  const asCase = [field('Subject', `Chat about ${product}`), field('Order__c', order), field('Origin', 'Chat')];
  const asTask = [field('Subject', `Call back about ${product}`), field('ActivityDate', '2026-11-23')];
  const asLead = [lastName, field('Company', visitor.company ?? visitor.name), email, field('LeadSource', 'Web')];
  const isCase = [0, 1, 4, 7, 8].includes(mode);
  return {
    Cases: isCase && (mode !== 0 || isSetUp) ? asCase : [],
    Tasks: isCase ? [] : asTask,
    Leads: mode === 3 ? [email] : mode === 6 ? asLead : [],
    CreateContact: mode === 4 || mode === 5 ? [lastName, email] : [],
    UpdateContact: mode >= 7 ? [email, field('MailingCity', visitor.city), field('Department', product)] : [],
  };
}
