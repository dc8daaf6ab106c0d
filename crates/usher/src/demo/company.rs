//! The company that the demo is about: Quillhaven Instruments, which builds sensors for the sea and does not exist.
//!
//! Its domains are reserved for examples (RFC 2606), so nothing of it can ever be anybody's.

pub(super) const COMPANY: &str = "Quillhaven Instruments";
pub(super) const PRIMARY_DOMAIN: &str = "example.com";
/// Of a company that was bought last year; its people are not provisioned.
pub(super) const SECONDARY_DOMAIN: &str = "example.org";
pub(super) const CUSTOMER_ID: &str = "C03qhaven1";
/// Where guests are kept.
pub(super) const GUESTS: &str = "/Partners/Guests";

/// An organizational unit.
pub(super) struct Unit {
    pub(super) path: &'static str,
    /// What its people's `department` is.
    pub(super) department: &'static str,
    /// What its people do.
    pub(super) titles: &'static [&'static str],
    /// How many ordinary people work there, besides those who have a part of their own.
    pub(super) n_staff: usize,
}

const fn unit(
    path: &'static str,
    department: &'static str,
    n_staff: usize,
    titles: &'static [&'static str],
) -> Unit {
    Unit { path, department, titles, n_staff }
}

/// Every unit but the root, each below one that stands before it.
pub(super) const UNITS: &[Unit] = &[
    unit("/Engineering", "Engineering", 4, &["Engineering Manager", "Principal Engineer"]),
    unit(
        "/Engineering/Cloud Platform",
        "Engineering",
        24,
        &["Software Engineer", "Senior Software Engineer", "Staff Engineer"],
    ),
    unit(
        "/Engineering/Firmware",
        "Engineering",
        24,
        &["Firmware Engineer", "Senior Firmware Engineer", "Test Engineer"],
    ),
    unit("/Engineering/Data", "Engineering", 15, &["Data Engineer", "Data Analyst", "Data Scientist"]),
    unit(
        "/Engineering/Site Reliability",
        "Engineering",
        9,
        &["Site Reliability Engineer", "Database Administrator"],
    ),
    unit("/Product", "Product", 12, &["Product Manager", "Product Designer", "User Researcher"]),
    unit("/Research", "Research", 12, &["Oceanographer", "Research Scientist", "Laboratory Engineer"]),
    unit("/Manufacturing", "Manufacturing", 4, &["Plant Manager", "Production Planner"]),
    unit("/Manufacturing/Assembly", "Manufacturing", 16, &["Assembler", "Line Lead"]),
    unit(
        "/Manufacturing/Test Benches",
        "Manufacturing",
        7,
        &["Calibration Technician", "Test Bench Operator"],
    ),
    unit("/Sales", "Sales", 4, &["Sales Director", "Sales Operations Analyst"]),
    unit("/Sales/Europe", "Sales", 14, &["Account Executive", "Sales Engineer"]),
    unit("/Sales/Americas", "Sales", 13, &["Account Executive", "Sales Engineer"]),
    unit(
        "/Customer Care",
        "Customer Care",
        15,
        &["Support Specialist", "Field Service Engineer", "Technical Writer"],
    ),
    unit("/Finance", "Finance", 8, &["Accountant", "Controller", "Payroll Specialist"]),
    unit("/People", "People", 5, &["Recruiter", "People Partner", "Office Manager"]),
    unit("/Contractors", "Contractors", 4, &["Contractor"]),
    unit("/Contractors/Onsite", "Contractors", 3, &["Contractor"]),
    unit("/Partners", "Partners", 0, &["Partner"]),
    unit(GUESTS, "Partners", 0, &["Guest"]),
];

/// What the `department` of a unit's people is.
pub(super) fn department(path: &str) -> &'static str {
    UNITS.iter().find(|unit| unit.path == path).map_or("", |unit| unit.department)
}
