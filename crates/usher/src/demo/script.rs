//! What happens to the company in thirty days: a table, to be read from top to bottom.
//!
//! Day 0 is the day on which Usher is set up, day 30 is today. Instants are of the UTC day, so that people work when
//! people work. Besides what stands here there is a run whenever something is due, and an audit each night.
//!
//! Not here: what an edit comes to in JSON ([`edit`]), and who plays the table ([`super::history`]).

pub(super) mod edit;

use std::time::Duration;

use usher_model::time::Timestamp;

use self::edit::Edit::{
    self, AccessOff, AccessOn, Archived, Deleted, GroupIs, Joins, Moved, NamedByHand, OffByHand, Promoted,
    Renamed, Restored, Returns, Suspended, Swapped, UnitSuspended,
};
use super::group::{BILLING, BUDGET_OWNERS};

/// How many days the demo tells of.
pub(super) const N_DAYS: u32 = 30;

const DAY: Duration = Duration::from_hours(24);

/// Something that happens.
pub(super) struct Scene {
    pub(super) day: u32,
    hour: u64,
    minute: u64,
    pub(super) edit: Edit,
    /// What people would say of it.
    pub(super) said: &'static str,
}

const fn at(day: u32, hour: u64, minute: u64, edit: Edit, said: &'static str) -> Scene {
    Scene { day, hour, minute, edit, said }
}

#[rustfmt::skip]
pub(super) const SCRIPT: &[Scene] = &[
    at( 1,  8, 55, Joins("amina.yusuf"), "Amina Yusuf joins Cloud Platform"),
    at( 1, 14, 10, Promoted("kenji.morimoto", "Senior Software Engineer"), "Kenji Morimoto is promoted"),
    at( 2, 10, 30, Moved("leila.moradi", "/Engineering/Data"), "Leila Moradi is hired from a contractor"),
    at( 3,  9, 15, Suspended("hanna.virtanen"), "Hanna Virtanen is on leave"),
    at( 3, 16, 40, Promoted("oscar.lindholm", "Account Executive"), "Oscar Lindholm changes to account executive"),
    at( 4, 11,  5, Moved("marek.zielinski", "/Manufacturing/Assembly"), "Marek Zieliński moves to the shop floor"),
    at( 5, 17, 30, Deleted("dmitri.savchenko"), "Dmitri Savchenko leaves"),
    at( 6,  9,  0, Joins("viktor.halasz"), "Viktor Halász joins Cloud Platform"),
    at( 7, 13, 20, Renamed("ingrid.solberg", "Solberg-Moreau", "ingrid.moreau"), "Ingrid Solberg marries"),
    at( 8,  9, 10, Joins("keiko.ishida"), "Keiko Ishida joins Product"),
    at( 8, 15, 45, Archived("rosalind.achterberg"), "Rosalind Achterberg is archived, not deleted"),
    at( 9, 10,  0, GroupIs(BUDGET_OWNERS, &["patience.nkrumah", "lucia.ferrer", "carlos.mendieta", BILLING]),
        "Carlos Mendieta gets a budget, and so access"),
    at(10, 16, 20, Deleted("gideon.marsh"), "Gideon Marsh is deleted by mistake"),
    at(11,  8, 30, Restored("gideon.marsh"), "Gideon Marsh is restored"),
    at(12,  9,  5, Joins("ola.bergstrom"), "Ola Bergström joins Sales"),
    at(12, 11, 50, Swapped("alex.novak", "alexandr.novak"), "The two A. Nováks had each other's address"),
    at(13, 10, 15, AccessOff("/Sales"), "Somebody turns AWS off for Sales"),
    at(13, 12,  0, AccessOn("/Sales"), "It was a mistake, and Sales has it back"),
    at(14,  9, 30, Moved("solveig.nygaard", "/Manufacturing"), "Solveig Nygaard helps out at the plant"),
    at(15, 14, 25, Promoted("chidinma.eze", "Principal Engineer"), "Chidinma Eze is promoted"),
    at(16, 10, 40, GroupIs(BILLING, &["judith.falk", BUDGET_OWNERS]), "Wen Li no longer looks after the bill"),
    at(17,  9,  0, Joins("idris.bakare"), "Idris Bakare joins Assembly, which has no AWS"),
    at(18,  9, 20, Joins("renata.coelho"), "Renata Coelho joins Sales"),
    at(18, 15, 10, NamedByHand("monique.durand", "Monique (UX)"), "Somebody edits Monique Durand's name at AWS"),
    at(19, 11, 30, Moved("solveig.nygaard", "/Research"), "Solveig Nygaard is back before her time is up"),
    at(20,  9, 45, Joins("darya.savchenko"), "Darya Savchenko joins, and gets Dmitri's old address"),
    at(20, 16, 15, OffByHand("bogdan.ilic"), "Somebody switches Bogdan Ilić off at AWS"),
    at(21,  9, 30, Suspended("nils.ekdahl"), "Nils Ekdahl's account is suspended after a phishing mail"),
    at(22, 13, 35, Promoted("farah.aziz", "Support Lead"), "Farah Aziz leads the support team"),
    at(23,  9,  0, Joins("nora.whitfield"), "Nora Whitfield joins Customer Care"),
    at(24,  8, 50, Returns("hanna.virtanen"), "Hanna Virtanen is back from leave"),
    at(25, 10, 10, Joins("youssef.tazi"), "Youssef Tazi starts as a contractor on site"),
    at(26, 15, 30, Moved("andre.fontaine", "/Partners"), "André Fontaine moves to a partner"),
    at(27, 17,  0, Deleted("helena.brandt"), "Helena Brandt leaves"),
    at(28, 10, 20, Promoted("tobias.renner", "Engineering Manager"), "Tobias Renner leads Firmware"),
    at(28, 16,  5, Moved("samira.benali", "/Finance"), "Samira Benali moves to Finance, which has no AWS"),
    at(28, 18, 30, UnitSuspended("/Engineering/Firmware"), "A faulty export of HR's suspends all who build firmware"),
    at(29,  9,  0, Joins("linnea.aalto"), "Linnea Aalto joins Research"),
    at(29, 15, 40, Suspended("ruben.castellanos"), "Rubén Castellanos is suspended"),
];

impl Scene {
    /// When it happens, in a demo that begins at `start`.
    pub(super) fn instant(&self, start: Timestamp) -> Timestamp {
        let minutes = Duration::from_mins(60 * self.hour + self.minute);
        midnight(start) + DAY * self.day + minutes
    }
}

/// The day on which something is, in a demo that begins at `start`.
pub(super) fn day(start: Timestamp, now: Timestamp) -> u32 {
    let days = now.since(midnight(start)).as_secs() / DAY.as_secs();
    u32::try_from(days).unwrap_or(u32::MAX).min(N_DAYS)
}

/// When the demo begins, if it ends at `end`.
pub(super) fn start(end: Timestamp) -> Timestamp {
    end.before(DAY * N_DAYS)
}

/// The instant of each night's audit after `now`.
pub(super) fn next_audit(start: Timestamp, now: Timestamp) -> Timestamp {
    let at = midnight(start) + DAY * day(start, now) + Duration::from_hours(3);
    if at > now { at } else { at + DAY }
}

/// The beginning of an instant's day, in UTC.
fn midnight(at: Timestamp) -> Timestamp {
    let day = i64::try_from(DAY.as_micros()).expect("invariant: a day has few microseconds");
    Timestamp::from_micros(at.as_micros() - at.as_micros().rem_euclid(day))
}

#[cfg(test)]
mod tests;
