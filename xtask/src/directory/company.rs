//! The made-up company: its domains, departments, offices and organizational units.

use super::chance::Chance;

pub(super) const PRIMARY_DOMAIN: &str = "example.com";
pub(super) const SECONDARY_DOMAIN: &str = "example.org";
/// Everyone of the primary domain has an address here that nobody can edit.
pub(super) const ALIAS_DOMAIN: &str = "example.net";
pub(super) const CUSTOMER_ID: &str = "C03az79cb";
/// Where guests are kept.
pub(super) const GUESTS_PATH: &str = "/Partners/Guests";

pub(super) struct Department {
    pub(super) name: &'static str,
    pub(super) cost_center: u32,
    pub(super) teams: &'static [&'static str],
    pub(super) titles: &'static [&'static str],
    /// Whether its teams have an organizational unit for each office.
    pub(super) in_offices: bool,
}

pub(super) struct Office {
    pub(super) city: &'static str,
    pub(super) building: &'static str,
    pub(super) language: &'static str,
    /// The country's calling code and an area's, of numbers that nobody has.
    pub(super) phone_prefix: &'static str,
}

pub(super) const DEPARTMENTS: &[Department] = &[
    Department {
        name: "Engineering",
        cost_center: 4100,
        teams: &["Platform", "Payments", "Mobile", "Data", "Site Reliability"],
        titles: &[
            "Software Engineer",
            "Senior Software Engineer",
            "Staff Engineer",
            "Engineering Manager",
            "Tester",
        ],
        in_offices: true,
    },
    Department {
        name: "Sales",
        cost_center: 2200,
        teams: &["Enterprise", "Partners", "Inside Sales"],
        titles: &["Account Executive", "Sales Engineer", "Regional Director", "Chargée d’affaires"],
        in_offices: true,
    },
    Department {
        name: "Customer Support",
        cost_center: 2700,
        teams: &["First Line", "Escalations"],
        titles: &["Support Specialist", "Support Lead", "Technical Writer"],
        in_offices: true,
    },
    Department {
        name: "Finance & Legal",
        cost_center: 1300,
        teams: &["Accounting", "Controlling", "Legal"],
        titles: &["Accountant", "Controller", "Counsel", "Payroll Specialist"],
        in_offices: false,
    },
    Department {
        name: "People",
        cost_center: 1100,
        teams: &["Recruiting", "Workplace"],
        titles: &["Recruiter", "People Partner", "Office Manager"],
        in_offices: false,
    },
    Department {
        name: "Forschung & Entwicklung",
        cost_center: 5200,
        teams: &["Werkstoffe", "Prüfstand"],
        titles: &["Wissenschaftliche Mitarbeiterin", "Laborleiter", "Research Fellow"],
        in_offices: false,
    },
];

pub(super) const OFFICES: &[Office] = &[
    Office { city: "Lisbon", building: "LIS-1", language: "pt-PT", phone_prefix: "+351 21 000" },
    Office { city: "Osaka", building: "OSA-2", language: "ja", phone_prefix: "+81 6 0000" },
    Office { city: "Nairobi", building: "NBO-1", language: "en-GB", phone_prefix: "+254 20 000" },
    Office { city: "São Paulo", building: "GRU-3", language: "pt-BR", phone_prefix: "+55 11 0000" },
    Office { city: "Boston", building: "BOS-1", language: "en-US", phone_prefix: "+1 617 555" },
];

/// Where somebody works.
pub(super) struct Post {
    pub(super) department: &'static Department,
    pub(super) team: &'static str,
    pub(super) title: &'static str,
    pub(super) office: &'static Office,
}

impl Post {
    pub(super) fn draw(chance: &mut Chance) -> Self {
        let department = chance.pick(DEPARTMENTS);
        let team = chance.pick(department.teams);
        let title = chance.pick(department.titles);
        let office = chance.pick(OFFICES);
        Self { department, team, title, office }
    }

    pub(super) fn org_unit_path(&self) -> String {
        let team = format!("/{}/{}", self.department.name, self.team);
        if self.department.in_offices { format!("{team}/{}", self.office.city) } else { team }
    }
}

/// The path of every organizational unit, parents first. The root is not among them: Google does not list it.
pub(super) fn org_unit_paths() -> Vec<String> {
    let mut paths = Vec::new();
    for department in DEPARTMENTS {
        paths.push(format!("/{}", department.name));
        for team in department.teams {
            let team = format!("/{}/{team}", department.name);
            paths.push(team.clone());
            if department.in_offices {
                paths.extend(OFFICES.iter().map(|office| format!("{team}/{}", office.city)));
            }
        }
    }
    paths.push("/Partners".to_owned());
    paths.push(GUESTS_PATH.to_owned());
    paths
}
