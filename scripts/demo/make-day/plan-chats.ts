import { timeOfDay } from './clock';
import type { Random } from './random';
import { atLeastOne, fill, type Prose } from './read-prose';
import type { Site } from './sites';
import type { Chat } from './write-chat';

/** Who chats with whom, when and about what: `count` chats of a site, in the order in which they begin. */
export function planChats(site: Site, prose: Prose, count: number, random: Random): Chat[] {
  const opens = timeOfDay(site.opens);
  const slot = Math.floor((timeOfDay(site.closes) - opens) / count);
  return Array.from({ length: count }, (_, n) => {
    const start = opens + n * slot + random.between(0, slot - 1);
    return planChat(site, prose, n, start, random);
  });
}

function planChat(site: Site, prose: Prose, n: number, start: number, random: Random): Chat {
  const template = prose.chats[n % prose.chats.length] ?? prose.chats[0];
  const answered = template.turns.some(({ by }) => by === 'A');
  const { languages } = template;
  const fits = (language: string): boolean =>
    languages.length === 0 || languages.some((code) => language.startsWith(code));
  const visitor = random.pick(atLeastOne(site.visitors.filter(({ language }) => fits(language))));
  const agent = answered ? random.pick(site.agents) : null;
  const product = random.pick(site.products);
  const order = `${site.orders}-${random.digits(6)}`;
  const words = {
    visitor: visitor.name.split(' ')[0] ?? '',
    agent: agent?.name ?? '',
    city: visitor.city,
    country: visitor.country,
    product,
    order,
  };
  const turns = template.turns.map(({ by, text }) => ({ by, text: fill(text, words) }));
  const number = site.id * 400 + 1_120 + n;
  return {
    site,
    id: site.id === 30042 ? random.guid() : String(number),
    number,
    visitor,
    agent,
    conversation: { ...template, turns },
    product,
    order,
    start,
    end: start + turns.length * random.between(15_000, 45_000),
    missed: answered ? 0 : missedStatus(site, n),
  };
}

/** Of the chats that nobody answered, one per site was refused by an agent and one became an offline message. */
function missedStatus(site: Site, n: number): 1 | 2 | 3 {
  if (n < 10) return 3;
  return n < 20 && site.id === 20017 ? 1 : 2;
}
