//! The people whom the demo tells something about. Everybody else is ordinary ([`super::staff`]).
//!
//! A role is known by `who`, which is also the address it first appears with, before the `@`.

/// Somebody with a part of their own.
pub(super) struct Role {
    pub(super) who: &'static str,
    /// The address before the `@`, where it is not `who`.
    address: Option<&'static str>,
    pub(super) given: &'static str,
    pub(super) family: Option<&'static str>,
    pub(super) unit: &'static str,
    pub(super) title: &'static str,
    pub(super) part: Part,
}

/// What is special about somebody when they first appear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Ordinary,
    /// Suspended so many hours before the demo begins.
    Suspended {
        hours: u32,
    },
    /// Archived so many days before the demo begins.
    Archived {
        days: u32,
    },
    /// Has an address in the company's other domain.
    OtherDomain,
    Guest,
    /// Not there yet when the demo begins.
    Joins,
}

impl Role {
    /// The address before the `@`.
    pub(super) fn local(&self) -> &'static str {
        self.address.unwrap_or(self.who)
    }

    const fn part(self, part: Part) -> Self {
        Self { part, ..self }
    }

    const fn address(self, address: &'static str) -> Self {
        Self { address: Some(address), ..self }
    }
}

const fn role(
    who: &'static str,
    (given, family): (&'static str, &'static str),
    unit: &'static str,
    title: &'static str,
) -> Role {
    Role { who, address: None, given, family: Some(family), unit, title, part: Part::Ordinary }
}

const fn mononym(who: &'static str, given: &'static str, unit: &'static str, title: &'static str) -> Role {
    Role { who, address: None, given, family: None, unit, title, part: Part::Ordinary }
}

/// Exactly three hundred characters: five times what Google itself takes.
pub(super) const THREE_HUNDRED: &str = "Maria Antónia Benedita Carlota Domingas Efigénia Felisberta Guilhermina \
     Henriqueta Inácia Josefina Leopoldina Madalena Natividade Olímpia Perpétua Quitéria Rosalina Saturnina \
     Teodora Urbana Vitorina Xantipa Zeferina Aparecida Bonifácia Conceição Deolinda Estefânia Firmina \
     Gertrudes Hermínia Ifigénia";

pub(super) const CAST: &[Role] = &[
    // Names.
    mononym("suharti", "Suharti", "/Customer Care", "Support Specialist"),
    role("thirumalai", ("Thirumalai", ""), "/Engineering/Data", "Data Engineer"),
    role("zoe.marchetti", ("Zoë 🚀", "Marchetti"), "/Product", "Product Designer"),
    role("priyanka.rao", ("Priyanka", "Rao 👩🏽‍💻"), "/Engineering/Cloud Platform", "Software Engineer"),
    role("jonas.weisser", ("Jonas\u{7}", "Wei\u{df}er\u{85}"), "/Engineering/Firmware", "Test Engineer"),
    role("maria.gouveia", (THREE_HUNDRED, "Gouveia"), "/Research", "Oceanographer"),
    // Not active when the demo begins.
    role("tomas.lindqvist", ("Tomas", "Lindqvist"), "/Sales/Europe", "Account Executive")
        .part(Part::Suspended { hours: 12 * 24 }),
    role("yuki.tanabe", ("Yuki", "Tanabe"), "/Engineering/Data", "Data Analyst")
        .part(Part::Suspended { hours: 3 }),
    role("margaret.osei", ("Margaret", "Osei"), "/Research", "Research Scientist")
        .part(Part::Archived { days: 200 }),
    role("pieter.verbruggen", ("Pieter", "Verbruggen"), "/Sales", "Sales Director")
        .part(Part::Archived { days: 40 }),
    // Never entitled.
    role("callum.reid", ("Callum", "Reid"), "/Engineering/Firmware", "Firmware Engineer")
        .part(Part::OtherDomain),
    role("aoife.brennan", ("Aoife", "Brennan"), "/Engineering/Data", "Data Scientist")
        .part(Part::OtherDomain),
    role("sunniva.dahl", ("Sunniva", "Dahl"), "/Product", "Product Manager").part(Part::OtherDomain),
    role("mateus.prado", ("Mateus", "Prado"), "/Sales/Americas", "Sales Engineer").part(Part::OtherDomain),
    role("vera.lombardi", ("Vera", "Lombardi"), super::company::GUESTS, "Auditor").part(Part::Guest),
    role("kwame.asante", ("Kwame", "Asante"), super::company::GUESTS, "Auditor").part(Part::Guest),
    // At AWS before Usher is.
    role("freya.haugen", ("Freya", "Haugen"), "/Engineering/Site Reliability", "Site Reliability Engineer"),
    role("omar.haddad", ("Omar", "Haddad"), "/Engineering/Cloud Platform", "Staff Engineer"),
    role("lucia.ferrer", ("Lucía", "Ferrer"), "/Engineering", "Engineering Manager"),
    role("stefan.keller", ("Stefan", "Keller"), "/Engineering/Site Reliability", "Database Administrator"),
    // Leavers.
    role("dmitri.savchenko", ("Dmitri", "Savchenko"), "/Engineering/Cloud Platform", "Software Engineer")
        .address("d.savchenko"),
    role("helena.brandt", ("Helena", "Brandt"), "/Customer Care", "Technical Writer"),
    role("rosalind.achterberg", ("Rosalind", "Achterberg"), "/Research", "Research Scientist"),
    role("nils.ekdahl", ("Nils", "Ekdahl"), "/Sales/Europe", "Account Executive"),
    role("samira.benali", ("Samira", "Benali"), "/People", "Recruiter"),
    role("ruben.castellanos", ("Rubén", "Castellanos"), "/Sales/Americas", "Account Executive"),
    // Away for a while, or by mistake.
    role("hanna.virtanen", ("Hanna", "Virtanen"), "/Product", "Product Manager"),
    role("gideon.marsh", ("Gideon", "Marsh"), "/Engineering/Firmware", "Firmware Engineer"),
    // Changed.
    role("ingrid.solberg", ("Ingrid", "Solberg"), "/Research", "Laboratory Engineer"),
    role("alex.novak", ("Alexandra", "Novák"), "/Engineering/Data", "Data Scientist"),
    role("alexandr.novak", ("Alexandr", "Novák"), "/Sales", "Sales Operations Analyst"),
    role("kenji.morimoto", ("Kenji", "Morimoto"), "/Engineering/Cloud Platform", "Software Engineer"),
    role("chidinma.eze", ("Chidinma", "Eze"), "/Engineering/Site Reliability", "Site Reliability Engineer"),
    role("oscar.lindholm", ("Oscar", "Lindholm"), "/Sales/Europe", "Sales Engineer"),
    role("farah.aziz", ("Farah", "Aziz"), "/Customer Care", "Support Specialist"),
    role("tobias.renner", ("Tobias", "Renner"), "/Engineering/Firmware", "Senior Firmware Engineer"),
    // Moved.
    role("marek.zielinski", ("Marek", "Zieliński"), "/Engineering/Firmware", "Test Engineer"),
    role("solveig.nygaard", ("Solveig", "Nygaard"), "/Research", "Laboratory Engineer"),
    role("andre.fontaine", ("André", "Fontaine"), "/Customer Care", "Field Service Engineer"),
    role("leila.moradi", ("Leila", "Moradi"), "/Contractors", "Contractor"),
    role("ewan.carmichael", ("Ewan", "Carmichael"), "/Manufacturing/Assembly", "Line Lead"),
    // Finance, where the app is off but for one group.
    role("judith.falk", ("Judith", "Falk"), "/Finance", "Controller"),
    role("carlos.mendieta", ("Carlos", "Mendieta"), "/Finance", "Accountant"),
    role("wen.li", ("Wen", "Li"), "/Finance", "Accountant"),
    role("patience.nkrumah", ("Patience", "Nkrumah"), "/Finance", "Payroll Specialist"),
    // Touched by another hand at AWS.
    role("bogdan.ilic", ("Bogdan", "Ilić"), "/Engineering/Cloud Platform", "Senior Software Engineer"),
    role("monique.durand", ("Monique", "Durand"), "/Product", "User Researcher"),
    // Joiners.
    role("amina.yusuf", ("Amina", "Yusuf"), "/Engineering/Cloud Platform", "Software Engineer")
        .part(Part::Joins),
    role("viktor.halasz", ("Viktor", "Halász"), "/Engineering/Cloud Platform", "Software Engineer")
        .part(Part::Joins),
    role("keiko.ishida", ("Keiko", "Ishida"), "/Product", "Product Designer").part(Part::Joins),
    role("ola.bergstrom", ("Ola", "Bergström"), "/Sales/Europe", "Account Executive").part(Part::Joins),
    role("renata.coelho", ("Renata", "Coelho"), "/Sales/Americas", "Sales Engineer").part(Part::Joins),
    role("idris.bakare", ("Idris", "Bakare"), "/Manufacturing/Assembly", "Assembler").part(Part::Joins),
    role("nora.whitfield", ("Nora", "Whitfield"), "/Customer Care", "Support Specialist").part(Part::Joins),
    role("youssef.tazi", ("Youssef", "Tazi"), "/Contractors/Onsite", "Contractor").part(Part::Joins),
    role("darya.savchenko", ("Darya", "Savchenko"), "/Engineering/Data", "Data Analyst")
        .address("d.savchenko")
        .part(Part::Joins),
    role("linnea.aalto", ("Linnea", "Aalto"), "/Research", "Oceanographer").part(Part::Joins),
];
