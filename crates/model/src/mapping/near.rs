//! Names that somebody may have meant.

/// How many names are proposed.
const MAX_NAMES: usize = 3;
/// How many letters a proposal may be away, for each four letters of the name.
const LETTERS_PER_SLIP: usize = 4;

/// The names closest to `wrong`, without regard to case: those that contain it or that it contains, and those a few
/// letters away.
pub(super) fn names<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wrong = wrong.to_lowercase();
    let slips = wrong.chars().count() / LETTERS_PER_SLIP + 1;
    let mut found: Vec<(usize, &str)> = names
        .filter_map(|name| {
            let folded = name.to_lowercase();
            let distance = distance(&wrong, &folded);
            let related = wrong.len() > 2 && (folded.contains(&wrong) || wrong.contains(&folded));
            (distance <= slips || related).then_some((distance, name))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().take(MAX_NAMES).map(|(_, name)| name.to_owned()).collect()
}

/// The sentence that proposes them, or nothing.
pub(super) fn did_you_mean(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!("; did you mean `{}`?", names.join("`, `")) }
}

/// How many letters have to be put in, taken out or replaced (Levenshtein).
fn distance(one: &str, two: &str) -> usize {
    let two: Vec<char> = two.chars().collect();
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in two.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[two.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognized() {
        let known = ["organizations", "name", "phones", "emails"];
        assert_eq!(names("organisations", known.into_iter()), ["organizations"]);
        assert_eq!(names("Email", known.into_iter()), ["emails"]);
        assert_eq!(names("zebra", known.into_iter()), Vec::<String>::new());
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(did_you_mean(&names("phone", known.into_iter())), "; did you mean `phones`?");
    }
}
