//! How a command ends: an exit code that scripts can rely on, and one sentence where something is wrong.
//!
//! A sentence says what was wrong, where, and what to do. It is written once, by `main`, to standard error; causes
//! follow after a colon, and none that the sentence holds already.

use std::process::ExitCode;

/// What the process says with its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; `plan`: nothing to do.
    Ok,
    /// Something failed.
    Failed,
    /// `plan`: there is something to do.
    Pending,
    /// Operations wait for a person.
    Held,
    /// The command line is wrong (`EX_USAGE` of sysexits).
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Ok => 0_u8,
            Exit::Failed => 1,
            Exit::Pending => 2,
            Exit::Held => 3,
            Exit::Usage => 64,
        })
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    error: anyhow::Error,
}

impl Failure {
    /// What was asked for makes no sense; nothing was looked at.
    pub(crate) fn usage(sentence: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, error: anyhow::Error::msg(sentence.into()) }
    }

    /// Something is wrong that no error value of another crate stands for.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        anyhow::Error::msg(sentence.into()).into()
    }

    /// The same, ending with another code.
    pub(crate) fn with_exit(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// The error behind it, where it is one of these; else itself again.
    pub(crate) fn downcast<E: std::error::Error + Send + Sync + 'static>(self) -> Result<E, Self> {
        let Self { exit, error } = self;
        error.downcast().map_err(|error| Self { exit, error })
    }

    /// The sentence, with its causes.
    pub(crate) fn sentence(&self) -> String {
        let mut sentence = String::new();
        for cause in self.error.chain() {
            let cause = cause.to_string();
            if sentence.is_empty() {
                sentence = cause;
            } else if !cause.is_empty() && !sentence.contains(&cause) {
                sentence = format!("{sentence}: {cause}");
            }
        }
        sentence
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { exit: Exit::Failed, error: error.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_follow_after_a_colon_and_are_said_once() {
        let cause = anyhow::anyhow!("No such file").context("cannot read people.json: No such file");
        let failure = Failure::from(cause.context("nothing was imported"));
        assert_eq!(failure.sentence(), "nothing was imported: cannot read people.json: No such file");
        assert_eq!(failure.exit, Exit::Failed);
        assert_eq!(Failure::usage("no").exit, Exit::Usage);
    }
}
