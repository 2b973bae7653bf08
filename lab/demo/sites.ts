/** A customer of the chat server in the demo's day, with the people of its chats. */
export interface Site {
  readonly id: number;
  readonly visitors: readonly { readonly name: string; readonly email: string }[];
}

/** A camping shop in the north of England that sells to half of Europe. */
export const outdoor: Site = {
  id: 10001,
  visitors: [
    { name: 'Hannah Whitfield', email: 'hannah.whitfield@mail.example' },
    { name: 'Tom Ashdown', email: 'tom@ashdown-joinery.example' },
    { name: 'Zoë van den Berg', email: 'zoe.vdb@post.example' },
    { name: 'Jürgen Groß', email: 'j.gross@bergfreunde-ulm.example' },
    { name: 'Aoife Ní Bhriain', email: 'aoife.nib@mail.example' },
    { name: 'Łukasz Wójcik', email: 'lukasz.w@poczta.example' },
    { name: 'Chloé Lefèvre', email: 'chloe.lefevre@courriel.example' },
    { name: 'Daniel O’Connor', email: 'dan.oconnor@mail.example' },
    { name: 'Ingrid Åkesson', email: 'ingrid.akesson@brev.example' },
    { name: 'Sam 🏕️ Porter', email: 'sam.porter@mail.example' },
    { name: 'Marta Ruiz Peña', email: 'marta.ruiz@correo.example' },
    { name: 'Olivia Chen', email: 'olivia.chen@mail.example' },
  ],
};

/** A tea house in Hangzhou. Most of its visitors write Chinese. */
export const tea: Site = {
  id: 20017,
  visitors: [
    { name: '李娜', email: 'lina1988@youxiang.example' },
    { name: '张伟', email: 'zhangwei@hengda-trade.example' },
    { name: '欧阳雪', email: 'ouyang.xue@youxiang.example' },
    { name: '黃志明', email: 'chiming.wong@mail.example' },
    { name: '林美惠', email: 'meihui.lin@mail.example' },
    { name: '赵一鸣', email: 'zhaoym@youxiang.example' },
    { name: '佐藤 健', email: 'ken.sato@meru.example' },
    { name: '𠮷田 花子', email: 'hanako.y@meru.example' },
    { name: 'Rebecca Stone', email: 'rebecca@slowcup.example' },
    { name: '孙丽', email: 'sunli@youxiang.example' },
  ],
};

/** A travel agency in Amman and Haifa: Arabic, Hebrew and English, often in one message. */
export const travel: Site = {
  id: 30042,
  visitors: [
    { name: 'محمد العلي', email: 'm.alali@barid.example' },
    { name: 'فاطمة الزهراء', email: 'fatima.z@barid.example' },
    { name: 'יעל כהן', email: 'yael.cohen@doar.example' },
    { name: 'אבי לוי', email: 'avi@levi-events.example' },
    { name: 'نور حدّاد', email: 'noor.haddad@barid.example' },
    { name: 'Sarah Mitchell', email: 'sarah.mitchell@mail.example' },
    { name: 'رضا کریمی', email: 'reza.karimi@rayaneh.example' },
    { name: 'Ahmet Yılmaz', email: 'ahmet.yilmaz@posta.example' },
  ],
};
