//! Names of people from many places, each with the spelling that its address uses.

use super::chance::Chance;
use super::kind::Kind;

/// A name as its bearer writes it, and in the letters of an address.
type Spelling = (&'static str, &'static str);

/// Given and family names that go together.
struct Origin {
    given: &'static [Spelling],
    family: &'static [Spelling],
}

const ORIGINS: &[Origin] = &[
    Origin {
        given: &[("Grace", "grace"), ("Oliver", "oliver"), ("Siobhán", "siobhan"), ("Mary Ann", "maryann")],
        family: &[
            ("Smith", "smith"),
            ("Fitzgerald", "fitzgerald"),
            ("Taylor-Jones", "taylorjones"),
            ("Ng", "ng"),
        ],
    },
    Origin {
        given: &[("Amara", "amara"), ("Chidi", "chidi"), ("Ngozi", "ngozi"), ("Wanjiru", "wanjiru")],
        family: &[("Okafor", "okafor"), ("Adébáyọ̀", "adebayo"), ("Mwangi", "mwangi"), ("Nkosi", "nkosi")],
    },
    Origin {
        given: &[("美咲", "misaki"), ("健太", "kenta"), ("さくら", "sakura"), ("大輔", "daisuke")],
        family: &[("佐藤", "sato"), ("高橋", "takahashi"), ("渡辺", "watanabe"), ("小林", "kobayashi")],
    },
    Origin {
        given: &[("志明", "zhiming"), ("秀英", "xiuying"), ("伟", "wei"), ("思嘉", "sijia")],
        family: &[("王", "wang"), ("李", "li"), ("欧阳", "ouyang"), ("陳", "chen")],
    },
    Origin {
        given: &[("João", "joao"), ("Inês", "ines"), ("Conceição", "conceicao"), ("Thiago", "thiago")],
        family: &[
            ("da Silva", "dasilva"),
            ("Gonçalves", "goncalves"),
            ("Araújo", "araujo"),
            ("Muñoz", "munoz"),
        ],
    },
    Origin {
        given: &[("Łukasz", "lukasz"), ("Zdeňka", "zdenka"), ("Małgorzata", "malgorzata"), ("Jiří", "jiri")],
        family: &[("Wójcik", "wojcik"), ("Dvořák", "dvorak"), ("Nowak", "nowak"), ("Kovács", "kovacs")],
    },
    Origin {
        given: &[("Jürgen", "juergen"), ("Søren", "soeren"), ("Åsa", "asa"), ("Björk", "bjoerk")],
        family: &[
            ("Müller", "mueller"),
            ("Strauß", "strauss"),
            ("Ødegård", "oedegaard"),
            ("von der Lühe", "vonderluehe"),
        ],
    },
    Origin {
        given: &[("Aarav", "aarav"), ("Priya", "priya"), ("दीपा", "deepa"), ("Lakshmi", "lakshmi")],
        family: &[("Sharma", "sharma"), ("Iyer", "iyer"), ("पटेल", "patel"), ("Venkataraman", "venkataraman")],
    },
    Origin {
        given: &[("Ольга", "olga"), ("Дмитро", "dmytro"), ("Νίκος", "nikos"), ("Ελένη", "eleni")],
        family: &[
            ("Шевченко", "shevchenko"),
            ("Іваненко", "ivanenko"),
            ("Παπαδόπουλος", "papadopoulos"),
            ("Βλάχου", "vlachou"),
        ],
    },
    Origin {
        given: &[("Nguyệt", "nguyet"), ("Đức", "duc"), ("İpek", "ipek"), ("Çağrı", "cagri")],
        family: &[("Nguyễn", "nguyen"), ("Trần", "tran"), ("Yılmaz", "yilmaz"), ("Şahin", "sahin")],
    },
];

const RIGHT_TO_LEFT: &[(Spelling, Spelling)] = &[
    (("ליאת", "liat"), ("כהן", "cohen")),
    (("محمد", "mohammed"), ("الحسيني", "alhusseini")),
    // With a mark of direction, as pasted from a form.
    (("\u{200F}فاطمة\u{200F}", "fatima"), ("زهرا", "zahra")),
];

/// Skin tones, and several signs joined into one by U+200D.
const JOINED_EMOJI: &str = "👩🏽‍💻 🏳️‍🌈 👨‍👩‍👧‍👦";

/// What a person is called.
pub(super) struct PersonName {
    pub(super) given: String,
    /// `None`: the directory has no such key for this person.
    pub(super) family: Option<String>,
    /// The part of the address before the index; it has no digits.
    pub(super) address: String,
}

impl PersonName {
    /// Draws a name as a person of `kind` has it.
    pub(super) fn draw(chance: &mut Chance, kind: Kind) -> Self {
        let origin = chance.pick(ORIGINS);
        let (given, given_ascii) = *chance.pick(origin.given);
        let (family, family_ascii) = *chance.pick(origin.family);
        let plain = Self {
            given: given.to_owned(),
            family: Some(family.to_owned()),
            address: format!("{given_ascii}.{family_ascii}"),
        };
        plain.made_awkward(kind, chance)
    }

    fn made_awkward(self, kind: Kind, chance: &mut Chance) -> Self {
        match kind {
            Kind::NoFamilyName => Self { family: None, ..self },
            Kind::EmptyFamilyName => Self { family: Some(String::new()), ..self },
            Kind::SixtyCharacters => Self {
                given: repeated("Wolfeschlegel", 60),
                family: Some(repeated("Bergerdorff", 60)),
                ..self
            },
            Kind::ThreeHundredCharacters => Self { given: repeated("Pablo Diego José ", 320), ..self },
            Kind::Emoji => {
                let given = format!("{} 🦄", self.given);
                Self { given, family: Some(JOINED_EMOJI.to_owned()), ..self }
            }
            Kind::ControlCharacters => Self {
                given: format!("{}\t\u{7}", self.given),
                family: Some("Line\nBreak\u{7}\u{85}".to_owned()),
                ..self
            },
            Kind::ZeroWidth => Self {
                given: "Zo\u{200B}e\u{FEFF}".to_owned(),
                family: Some("Soft\u{AD}hyphen\u{2060}".to_owned()),
                ..self
            },
            Kind::CombiningMarks => Self {
                given: "Ame\u{301}lie".to_owned(),
                family: Some("Z\u{351}a\u{36B}l\u{343}g\u{327}o\u{321}".to_owned()),
                ..self
            },
            Kind::RightToLeft => {
                let ((given, given_ascii), (family, family_ascii)) = *chance.pick(RIGHT_TO_LEFT);
                Self {
                    given: given.to_owned(),
                    family: Some(family.to_owned()),
                    address: format!("{given_ascii}.{family_ascii}"),
                }
            }
            Kind::Apostrophe => {
                Self { family: Some("O’Brien".to_owned()), address: "pat.o'brien".to_owned(), ..self }
            }
            Kind::PlusSign => Self { address: format!("{}+payroll", self.address), ..self },
            Kind::Ordinary
            | Kind::Suspended
            | Kind::Archived
            | Kind::ArchivedSuspended
            | Kind::DeletedRecently
            | Kind::DeletedLongAgo
            | Kind::SecondaryDomain
            | Kind::Guest
            | Kind::Namesake
            | Kind::FormerAlias => self,
        }
    }

    /// Given and family name with a space between, as Google joins them.
    pub(super) fn full(&self) -> String {
        match self.family.as_deref() {
            None | Some("") => self.given.clone(),
            Some(family) => format!("{} {family}", self.given),
        }
    }
}

/// `text` again and again, cut after `length` characters.
fn repeated(text: &str, length: usize) -> String {
    text.chars().cycle().take(length).collect()
}
