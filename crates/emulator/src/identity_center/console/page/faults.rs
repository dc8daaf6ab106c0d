//! *Faults*: what goes wrong on command. Those in force, and a form for another one.

use askama::Template;

use crate::exchange::Response;
use crate::identity_center::admin::AdminError;
use crate::identity_center::console::frame::{Frame, Place, at};
use crate::identity_center::console::reply::{go_to, page, page_with};
use crate::identity_center::console::visit::{Route, Visit};
use crate::identity_center::console::words::{number, sentence};
use crate::identity_center::fault::ActiveFault;
use crate::identity_center::scim::route::Operation;

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};

mod rule;
mod told;

pub(super) const ROUTES: &[Route] = &[
    Route { method: "GET", path: "/console/instances/{tenant}/faults", run: show },
    Route { method: "POST", path: "/console/instances/{tenant}/faults", run: switch_on },
    Route { method: "POST", path: "/console/instances/{tenant}/faults/end", run: end_all },
    Route { method: "POST", path: "/console/instances/{tenant}/faults/{fault}/end", run: end },
];

/// The page.
#[derive(Template)]
#[template(path = "console/faults.html")]
pub(super) struct FaultsPage {
    frame: Frame,
    faults: Vec<FaultRow>,
    /// What a fault may be narrowed to.
    operations: [Operation; 15],
    wrong: Option<String>,
}

/// One fault in force.
struct FaultRow {
    id: u64,
    what: String,
    operations: String,
    when: String,
    seen: String,
    fired: String,
}

impl FaultRow {
    fn of(fault: &ActiveFault) -> Self {
        let operations: Vec<_> = fault.rule.operations.iter().map(|operation| operation.name()).collect();
        Self {
            id: fault.id,
            what: told::fault(&fault.rule.fault),
            operations: if operations.is_empty() { "all".to_owned() } else { operations.join(", ") },
            when: told::when(fault.rule.when),
            seen: number(fault.seen),
            fired: number(fault.fired),
        }
    }
}

fn show(visit: &Visit<'_>) -> Result<Response, AdminError> {
    Ok(page(&FaultsPage::of(visit)?))
}

fn switch_on(visit: &Visit<'_>) -> Result<Response, AdminError> {
    match rule::read(&visit.form) {
        Ok(rule) => {
            visit.center.add_fault(visit.tenant(), rule)?;
            Ok(go_to(at(visit.tenant(), "faults")))
        }
        Err(wrong) => {
            Ok(page_with(400, &FaultsPage { wrong: Some(sentence(&wrong)), ..FaultsPage::of(visit)? }))
        }
    }
}

fn end(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let id = visit.id("fault");
    let id = id.parse().map_err(|_| AdminError::missing("fault", id))?;
    match visit.center.end_fault(visit.tenant(), id) {
        // One that has ended by itself meanwhile is ended all the same.
        Ok(()) | Err(AdminError::NotFound { .. }) => Ok(go_to(at(visit.tenant(), "faults"))),
        Err(error) => Err(error),
    }
}

fn end_all(visit: &Visit<'_>) -> Result<Response, AdminError> {
    visit.center.end_faults(visit.tenant())?;
    Ok(go_to(at(visit.tenant(), "faults")))
}

impl FaultsPage {
    fn of(visit: &Visit<'_>) -> Result<Self, AdminError> {
        let faults = visit.center.faults(visit.tenant())?;
        Ok(Self {
            frame: Frame::of(visit.tenant(), Place::Faults, "Faults"),
            faults: faults.iter().map(FaultRow::of).collect(),
            operations: rule::OPERATIONS,
            wrong: None,
        })
    }

    #[cfg(test)]
    pub(super) fn samples() -> Samples<Self> {
        let page = |kind: Sample, faults: &[ActiveFault]| Self {
            frame: Frame::of("tenant", Place::Faults, "Faults"),
            faults: faults.iter().map(FaultRow::of).collect(),
            operations: rule::OPERATIONS,
            wrong: kind.wrong("say how many"),
        };
        let of = |kind: Sample| {
            let faults: Vec<_> = (0..kind.rows(50))
                .map(|n| told::sample(&kind.name(n, "ada@example.com"), kind.count()))
                .collect();
            page(kind, &faults)
        };
        let mut samples = Sample::all(of);
        samples.push((Sample::Other, page(Sample::Other, &told::samples())));
        samples
    }
}
