//! Wrong command lines end with 64 and one sentence; help and completions with 0.

use crate::desk::{Desk, exists};

#[test]
fn a_wrong_command_line_ends_with_64_and_touches_nothing() {
    let desk = Desk::new();
    for args in [
        &["plam"][..],
        &["plan"],
        &["plan", "aws", "--no-such-option"],
        &["app", "add", "AWS", "--template", "aws"],
        &["app", "add", "aws", "--template", "nothing"],
        &["app", "access", "aws", "on"],
        &["app", "access", "aws", "--ou", "/", "--group", "a@example.com", "on"],
        &["app", "deprovision", "aws", "--suspended", "soon"],
        &["app", "groups", "aws", "--off", "--scope"],
        &["app", "groups", "aws", "--scope", "--select", "*"],
        &["app", "groups", "aws", "--suspended", "sometimes"],
        &["app", "groups", "aws", "--foreign", "eat"],
        &["app", "groups", "aws", "--deselected", "soon"],
        &["import"],
        &["completions", "tcsh"],
        &["-v", "-q", "status"],
    ] {
        desk.fails(64, args);
    }
    assert!(!exists(&desk.path("usher-data")), "a command that was not understood makes no data directory");
}

#[test]
fn a_sentence_says_what_is_wrong_and_how_it_is_written() {
    let desk = Desk::new();
    insta::assert_snapshot!(desk.fails(64, &["app", "add", "A b", "--template", "aws"]), @"invalid value 'A b' for '<NAME>': an app's name is lower case letters, digits and hyphens, begins with a letter or a digit, and has at most 63 of them");
    insta::assert_snapshot!(desk.fails(64, &["explain", "aws"]), @"the following required arguments were not provided: <EMAIL> (usage: usher explain <NAME> <EMAIL>)");
}

#[test]
fn without_arguments_it_shows_the_first_steps() {
    let ended = Desk::new().usher(&[]);
    assert_eq!((ended.code, ended.out.as_str()), (64, ""));
    assert!(ended.err.contains("First steps:"), "{}", ended.err);
}

#[test]
fn help_fits_a_terminal_and_shows_no_value_of_the_environment_that_may_be_secret() {
    let desk = Desk::new();
    for args in [
        &["--help"][..],
        &["import", "--help"],
        &["plan", "--help"],
        &["sync", "--help"],
        &["pin", "--help"],
        &["undo", "--help"],
        &["serve", "--help"],
        &["app", "authorize", "--help"],
        &["app", "access", "--help"],
        &["app", "scope", "--help"],
        &["app", "groups", "--help"],
        &["audit", "--help"],
        &["choose", "--help"],
        &["explain", "--help"],
        &["app", "map", "--help"],
        &["app", "deprovision", "--help"],
    ] {
        let mut command = desk.command(args);
        command.env("USHER_DATABASE_URL", "postgres://ada:s3cret@db/usher");
        let ended = crate::desk::run(command);
        assert_eq!(ended.code, 0, "{}", ended.err);
        assert!(!ended.out.contains("s3cret"));
        let widest = ended.out.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(100), "{args:?}: {}", ended.out);
    }
}

#[test]
fn completions_know_every_command() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = desk.succeeds(&["completions", shell]);
        for command in ["import", "explain", "deprovision"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
}
