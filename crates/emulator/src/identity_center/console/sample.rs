//! What the samples of pages are made of: the kinds of them, and names that are hard to show.

/// What a sample shows. A page has one of each kind that it can have, and may have several of one. Nothing is held here:
/// guards are Usher's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sample {
    /// Nothing is there yet.
    Empty,
    /// One of everything.
    One,
    /// A full page with another one after it, and numbers beyond a thousand.
    Thousands,
    /// It is said what is wrong.
    Wrong,
    /// Names that are longer than anybody would think.
    Long,
    /// Names that are read from right to left.
    RightToLeft,
    /// What this page alone has.
    Other,
}

/// The samples of a page.
pub(super) type Samples<T> = Vec<(Sample, T)>;

/// 200 characters without a space.
pub(super) const LONG: &str = concat!(
    "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft-",
    "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetzgebungsausschuss-",
    "Lebensversicherungsgesellschaftsange",
);
/// Many words, and what would be markup if it were not escaped.
const MANY_WORDS: &str = "Office of the Deputy Vice President for the Review, Harmonisation & Continuous \
                          Improvement of \"Cross-Border\" Procedures <u> and of Those Who Follow Them Here and Abroad";
/// A name in Arabic, and one in Hebrew.
const RTL: [&str; 2] = ["علياء حسن (القاهرة)", "דנה לוי־כהן"];

impl Sample {
    /// Every kind that a page is asked for.
    pub(super) const ALL: [Self; 6] =
        [Self::Empty, Self::One, Self::Thousands, Self::Wrong, Self::Long, Self::RightToLeft];

    /// A sample of each kind.
    pub(super) fn all<T>(page: impl Fn(Self) -> T) -> Samples<T> {
        Self::all_but(&[], page)
    }

    /// A sample of each kind but those that a page cannot have.
    pub(super) fn all_but<T>(cannot: &[Self], page: impl Fn(Self) -> T) -> Samples<T> {
        let kinds = Self::ALL.into_iter().filter(|kind| !cannot.contains(kind));
        kinds.map(|kind| (kind, page(kind))).collect()
    }

    /// How many a page lists, of a page that lists so many at most.
    pub(super) fn rows(self, most: usize) -> usize {
        match self {
            Self::Empty => 0,
            Self::One | Self::Other => 1,
            Self::Thousands => most,
            Self::Wrong | Self::Long | Self::RightToLeft => 2,
        }
    }

    /// How many it says that there are.
    pub(super) fn count(self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::One | Self::Other => 1,
            Self::Thousands => 1_234_567,
            Self::Wrong | Self::Long | Self::RightToLeft => 2,
        }
    }

    /// Whether another page comes after it.
    pub(super) fn has_more(self) -> bool {
        self == Self::Thousands
    }

    /// What the nth is called that is usually called so.
    pub(super) fn name(self, n: usize, usual: &str) -> String {
        match self {
            Self::Long => [LONG, MANY_WORDS][n % 2].to_owned(),
            Self::RightToLeft => RTL[n % 2].to_owned(),
            Self::Empty | Self::One | Self::Thousands | Self::Wrong | Self::Other => usual.to_owned(),
        }
    }

    /// What is wrong, where something is.
    pub(super) fn wrong(self, why: &str) -> Option<String> {
        (self == Self::Wrong).then(|| why.to_owned())
    }
}

/// Whether a text is, at least in part, read from right to left.
pub(super) fn is_right_to_left(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{590}'..='\u{8ff}'))
}

#[test]
fn a_long_name_is_long() {
    assert_eq!((LONG.chars().count(), LONG.contains(char::is_whitespace)), (200, false));
    assert!(RTL.into_iter().all(is_right_to_left) && !is_right_to_left(LONG));
}
