//! Everything that commands print.
//!
//! A command computes an [`Answer`]; this writes it: for people, or with `--json` as one line, the last on standard
//! output. Whatever else there is to say goes to standard error. Names from a directory or an app are shown without
//! control characters, so that nobody's display name can paint on the terminal.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;
use usher_model::time::Timestamp;

/// What a command found or did: an object for scripts, and a text for people.
pub(crate) trait Answer: Serialize {
    /// The text, which ends with a line break unless it is empty.
    fn text(&self) -> String;
}

/// Where and how a command prints.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// One line of JSON instead of text.
    pub(crate) is_json: bool,
    /// Nothing on standard error but failures.
    pub(crate) is_quiet: bool,
}

impl Output {
    /// Prints a command's answer.
    pub(crate) fn answer(self, answer: &impl Answer) -> io::Result<()> {
        if self.is_json {
            print(&format!("{}\n", serde_json::to_string(answer)?))
        } else {
            print(&answer.text())
        }
    }

    /// Tells the person at the terminal something that is not the answer.
    pub(crate) fn note(self, note: &str) {
        if !self.is_quiet {
            complain(&shown(note));
        }
    }

    /// Whether a person watches standard error.
    pub(crate) fn is_watched(self) -> bool {
        !self.is_quiet && io::stderr().is_terminal()
    }
}

/// Prints text that is the answer in either mode.
pub(crate) fn print(text: &str) -> io::Result<()> {
    print_raw(shown(text).as_bytes())
}

/// Prints what is for another program, as it is.
pub(crate) fn print_raw(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        // A reader that went away (`usher status | head -1`) has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Asks the person at the terminal; where there is none, nothing is asked and the answer is yes.
pub(crate) fn confirm(question: &str) -> io::Result<bool> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Ok(true);
    }
    write!(io::stderr().lock(), "{} [y/N] ", shown(question))?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Writes one line to standard error. There is nowhere to say that it could not be written.
pub(crate) fn complain(line: &str) {
    writeln!(io::stderr().lock(), "{}", shown(line)).ok();
}

/// The text without control characters, line breaks excepted.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// Columns under headings, without lines; as wide as the terminal, or as the text where there is none.
pub(crate) fn table<R: IntoIterator<Item = String>>(
    headings: &[&str],
    rows: impl IntoIterator<Item = R>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(headings.iter().copied());
    let arrangement =
        if io::stdout().is_terminal() { ContentArrangement::Dynamic } else { ContentArrangement::Disabled };
    table.set_content_arrangement(arrangement);
    for row in rows {
        table.add_row(row.into_iter().map(|cell| shown(&cell).replace('\n', " ")));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    trimmed(&table.to_string())
}

/// Names and what they are, one below the other.
pub(crate) fn facts<'a>(facts: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let facts: Vec<_> = facts.into_iter().collect();
    let width = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, fact) in facts {
        let fact = fact.replace('\n', &format!("\n{:width$}  ", ""));
        writeln!(text, "{name:width$}  {fact}").expect("invariant: a string takes all that is written");
    }
    trimmed(&text)
}

fn trimmed(text: &str) -> String {
    let mut trimmed = String::new();
    for line in text.lines() {
        trimmed.push_str(line.trim_end());
        trimmed.push('\n');
    }
    trimmed
}

/// A file's name as a shell takes it.
pub(crate) fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if name.chars().all(is_plain) { name.to_owned() } else { format!("'{}'", name.replace('\'', r"'\''")) }
}

/// `1 person`, `12,000 people`.
pub(crate) fn number_of(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

/// A number with commas between its thousands.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An instant, and how far it is from now: `2026-11-30T09:00:00Z (in 6 days)`.
pub(crate) fn instant(at: Timestamp, now: Timestamp) -> String {
    if at > now {
        format!("{at} (in {})", span(at.since(now)))
    } else {
        format!("{at} ({} ago)", span(now.since(at)))
    }
}

/// A length of time in its largest unit.
fn span(span: Duration) -> String {
    const UNITS: [(u64, &str, &str); 4] = [
        (86_400, "day", "days"),
        (3_600, "hour", "hours"),
        (60, "minute", "minutes"),
        (1, "second", "seconds"),
    ];
    let seconds = span.as_secs();
    let unit = UNITS.iter().find(|(size, ..)| seconds >= *size).unwrap_or(&UNITS[3]);
    number_of(seconds / unit.0, unit.1, unit.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_columns_without_trailing_space_and_one_line_for_each_row() {
        let rows = [["aws", "active\nor so"], ["longer-name", "off"]].map(|row| row.map(str::to_owned));
        insta::assert_snapshot!(table(&["APP", "STATUS"], rows), @r"
        APP          STATUS
        aws          active or so
        longer-name  off
        ");
    }

    #[test]
    fn facts_stand_in_one_column_and_their_further_lines_below() {
        let text = facts([("status", "active".to_owned()), ("scope", "a\nb".to_owned())]);
        insta::assert_snapshot!(text, @r"
        status  active
        scope   a
                b
        ");
    }

    #[test]
    fn names_do_not_paint_on_the_terminal() {
        assert_eq!(shown("a\u{1b}[31mb\rc\nd"), "a\u{fffd}[31mb\u{fffd}c\nd");
    }

    #[test]
    fn numbers_and_instants_read_as_people_write_them() {
        assert_eq!(number_of(1, "person", "people"), "1 person");
        assert_eq!(number_of(1_234_567, "person", "people"), "1,234,567 people");
        assert_eq!(grouped(999), "999");
        let now = Timestamp::parse("2026-11-23T09:00:00Z").unwrap();
        assert_eq!(instant(now + Duration::from_hours(49), now), "2026-11-25T10:00:00Z (in 2 days)");
        assert_eq!(instant(now, now), "2026-11-23T09:00:00Z (0 seconds ago)");
    }
}
