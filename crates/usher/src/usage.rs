//! What is said of a command line that cannot be read, and the help that was asked for.

use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::failure::Exit;
use crate::output::{complain, print};

/// Prints help or version where they were asked for; else says what is wrong, in one sentence.
pub(crate) fn answer(error: &clap::Error) -> ExitCode {
    let is_asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if is_asked {
        let printed = print(&error.to_string());
        return if printed.is_ok() { Exit::Ok.into() } else { Exit::Failed.into() };
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        complain(error.to_string().trim_end());
    } else {
        complain(&format!("usher: {}", sentence(&error.to_string())));
    }
    Exit::Usage.into()
}

/// Makes one line of the parser's paragraphs: what is wrong, its tips, and how the command is written.
fn sentence(text: &str) -> String {
    let mut paragraphs = text.split("\n\n");
    let joined = |paragraph: &str| paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut sentence = joined(paragraphs.next().unwrap_or_default().trim_start_matches("error: "));
    for paragraph in paragraphs {
        let paragraph = joined(paragraph);
        if let Some(tip) = paragraph.strip_prefix("tip: ") {
            sentence = format!("{sentence}; {}", tip.replace(" tip: ", "; "));
        } else if let Some(usage) = paragraph.strip_prefix("Usage: ") {
            sentence = format!("{sentence} (usage: {usage})");
        }
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_parser_says_becomes_one_line() {
        let text = "error: the following required arguments were not provided:\n  <NAME>\n\nUsage: usher plan <NAME>\n\n\
                    For more information, try '--help'.\n";
        insta::assert_snapshot!(sentence(text), @"the following required arguments were not provided: <NAME> (usage: usher plan <NAME>)");
        let text = "error: unrecognized subcommand 'plam'\n\n  tip: a similar subcommand exists: 'plan'\n\n\
                    Usage: usher [OPTIONS] <COMMAND>\n\nFor more information, try '--help'.\n";
        insta::assert_snapshot!(sentence(text), @"unrecognized subcommand 'plam'; a similar subcommand exists: 'plan' (usage: usher [OPTIONS] <COMMAND>)");
    }
}
