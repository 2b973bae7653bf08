export interface Agent {
  readonly id: number;
  readonly name: string;
  readonly departmentId: number;
}

export interface Visitor {
  readonly name: string;
  readonly email: string;
  readonly country: string;
  readonly city: string;
  readonly language: string;
  readonly company: string | null;
}

/** One customer of the chat server: a shop with its agents, departments, pages and people who come by. */
export interface Site {
  readonly id: number;
  readonly name: string;
  readonly host: string;
  /** How its order numbers begin. */
  readonly orders: string;
  /** Hours of the day, UTC. */
  readonly opens: number;
  readonly closes: number;
  readonly timeZone: number;
  readonly agents: readonly [Agent, ...Agent[]];
  readonly departments: readonly [Department, ...Department[]];
  readonly pages: readonly [Page, ...Page[]];
  readonly products: readonly [string, ...string[]];
  readonly campaigns: readonly [number, ...number[]];
  readonly visitors: readonly [Visitor, ...Visitor[]];
  readonly bot: string | null;
}

interface Department {
  readonly id: number;
  readonly name: string;
}

interface Page {
  readonly title: string;
  readonly path: string;
}

const visitor = (row: string): Visitor => {
  const [name = '', email = '', country = '', city = '', language = '', company = ''] = row.split('|');
  return { name, email, country, city, language, company: company === '' ? null : company };
};

/** A camping shop in the north of England that sells to half of Europe. */
export const outdoor: Site = {
  id: 10001,
  name: 'Fellside Outdoor',
  host: 'https://www.fellside-outdoor.example',
  orders: 'FO',
  opens: 8,
  closes: 19,
  timeZone: 0,
  agents: [
    { id: 211, name: 'Emma', departmentId: 1 },
    { id: 212, name: 'Callum', departmentId: 1 },
    { id: 213, name: 'Priya', departmentId: 2 },
    { id: 214, name: 'Søren', departmentId: 2 },
    { id: 219, name: 'Margaret', departmentId: 3 },
  ],
  departments: [
    { id: 1, name: 'Sales' },
    { id: 2, name: 'Orders & Returns' },
    { id: 3, name: 'Repairs' },
  ],
  pages: [
    { title: 'Ridgeline 2 tent | Fellside Outdoor', path: '/tents/ridgeline-2' },
    { title: 'Where is my order? | Fellside Outdoor', path: '/help/orders' },
    { title: 'Basket | Fellside Outdoor', path: '/basket' },
    { title: 'Sleeping bag finder | Fellside Outdoor', path: '/sleeping-bags/finder?season=winter' },
    { title: 'Boots – women’s | Fellside Outdoor', path: '/boots/women' },
  ],
  products: ['Ridgeline 2 tent', 'Tarn 400 sleeping bag', 'Scafell boots', 'Beck water filter', 'Kestrel 55 rucksack'],
  campaigns: [31, 32, 35],
  visitors: [
    visitor('Hannah Whitfield|hannah.whitfield@mail.example|United Kingdom|Leeds|en-GB'),
    visitor('Tom Ashdown|tom@ashdown-joinery.example|United Kingdom|Kendal|en-GB|Ashdown Joinery Ltd'),
    visitor('Zoë van den Berg|zoe.vdb@post.example|Netherlands|Utrecht|nl-NL'),
    visitor('Jürgen Groß|j.gross@bergfreunde-ulm.example|Germany|Ulm|de-DE|Bergfreunde Ulm e. V.'),
    visitor('Aoife Ní Bhriain|aoife.nib@mail.example|Ireland|Galway|ga-IE'),
    visitor('Łukasz Wójcik|lukasz.w@poczta.example|Poland|Kraków|pl-PL'),
    visitor('Chloé Lefèvre|chloe.lefevre@courriel.example|France|Grenoble|fr-FR'),
    visitor('Daniel O’Connor|dan.oconnor@mail.example|United Kingdom|Glasgow|en-GB'),
    visitor('Ingrid Åkesson|ingrid.akesson@brev.example|Sweden|Åre|sv-SE|Åre Skidskola'),
    visitor('Sam 🏕️ Porter|sam.porter@mail.example|United Kingdom|Bristol|en-GB'),
    visitor('Marta Ruiz Peña|marta.ruiz@correo.example|Spain|Jaca|es-ES'),
    visitor('Olivia Chen|olivia.chen@mail.example|United Kingdom|Manchester|en-GB'),
  ],
  bot: 'Fell',
};

/** A tea house in Hangzhou. Most of its visitors write Chinese. */
export const tea: Site = {
  id: 20017,
  name: '明月茶业',
  host: 'https://www.mingyue-tea.example',
  orders: 'MY',
  opens: 1,
  closes: 14,
  timeZone: 8,
  agents: [
    { id: 508, name: '陈晓雯', departmentId: 11 },
    { id: 509, name: '王建国', departmentId: 11 },
    { id: 512, name: '刘芳', departmentId: 12 },
    { id: 515, name: 'Grace 林', departmentId: 13 },
  ],
  departments: [
    { id: 11, name: '售前咨询' },
    { id: 12, name: '售后服务' },
    { id: 13, name: '海外订单 Overseas' },
  ],
  pages: [
    { title: '明前龙井 – 明月茶业', path: '/products/longjing-2026' },
    { title: '物流查询 – 明月茶业', path: '/help/%E7%89%A9%E6%B5%81' },
    { title: '礼盒定制 – 明月茶业', path: '/gifts' },
    { title: 'Shipping abroad – Mingyue Tea', path: '/en/shipping' },
  ],
  products: ['明前龙井 250g', '正山小种礼盒', '陈年普洱茶饼', '茉莉银针', '白毫银针 100g'],
  campaigns: [70, 71],
  visitors: [
    visitor('李娜|lina1988@youxiang.example|中国|上海|zh-CN'),
    visitor('张伟|zhangwei@hengda-trade.example|中国|宁波|zh-CN|宁波恒达贸易有限公司'),
    visitor('欧阳雪|ouyang.xue@youxiang.example|中国|成都|zh-CN'),
    visitor('黃志明|chiming.wong@mail.example|香港|九龍|zh-HK'),
    visitor('林美惠|meihui.lin@mail.example|台灣|台北|zh-TW'),
    visitor('赵一鸣|zhaoym@youxiang.example|中国|西安|zh-CN'),
    visitor('佐藤 健|ken.sato@meru.example|日本|京都|ja-JP'),
    visitor('𠮷田 花子|hanako.y@meru.example|日本|大阪|ja-JP'),
    visitor('Rebecca Stone|rebecca@slowcup.example|United States|Portland|en-US|Slow Cup Tea Room'),
    visitor('孙丽|sunli@youxiang.example|中国|杭州|zh-CN'),
  ],
  bot: '小茶',
};

/** A travel agency in Amman and Haifa: Arabic, Hebrew and English, often in one message. */
export const travel: Site = {
  id: 30042,
  name: 'أطلس للسفر Atlas Travel',
  host: 'https://www.atlas-travel.example',
  orders: 'AT',
  opens: 6,
  closes: 21,
  timeZone: 3,
  agents: [
    { id: 77, name: 'ليلى', departmentId: 41 },
    { id: 78, name: 'Omar', departmentId: 41 },
    { id: 79, name: 'נועה', departmentId: 42 },
    { id: 83, name: 'Yusuf', departmentId: 43 },
  ],
  departments: [
    { id: 41, name: 'الحجوزات Bookings' },
    { id: 42, name: 'שירות לקוחות' },
    { id: 43, name: 'Groups & Visas' },
  ],
  pages: [
    { title: 'رحلات البتراء ووادي رم | أطلس للسفر', path: '/ar/petra-wadi-rum' },
    { title: 'חופשות באיסטנבול | אטלס', path: '/he/istanbul' },
    { title: 'Manage my booking | Atlas Travel', path: '/booking' },
    { title: 'Visa requirements | Atlas Travel', path: '/visas' },
  ],
  products: ['Petra & Wadi Rum, 4 days', 'إسطنبول ٥ أيام', 'Cairo city break', 'סוף שבוע ברודוס', 'Umrah group, March'],
  campaigns: [5],
  visitors: [
    visitor('محمد العلي|m.alali@barid.example|الأردن|عمّان|ar-JO'),
    visitor('فاطمة الزهراء|fatima.z@barid.example|المغرب|فاس|ar-MA'),
    visitor('יעל כהן|yael.cohen@doar.example|ישראל|חיפה|he-IL'),
    visitor('אבי לוי|avi@levi-events.example|ישראל|תל אביב|he-IL|לוי הפקות בע״מ'),
    visitor('نور حدّاد|noor.haddad@barid.example|لبنان|بيروت|ar-LB'),
    visitor('Sarah Mitchell|sarah.mitchell@mail.example|United Kingdom|London|en-GB'),
    visitor('رضا کریمی|reza.karimi@rayaneh.example|ایران|شیراز|fa-IR'),
    visitor('Ahmet Yılmaz|ahmet.yilmaz@posta.example|Türkiye|İzmir|tr-TR'),
  ],
  bot: null,
};
