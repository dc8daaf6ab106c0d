//! What fuzzing ever learnt, once more: every input of `fuzz/corpus` through the target that it is kept for.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its corpus has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use usher_testkit::fuzz::TARGETS;

fn fuzz() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// The names in a folder of `fuzz`.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(fuzz().join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn replay(target: &str) {
    let (_, check) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    let folder = format!("corpus/{target}");
    let inputs = names(&folder);
    assert!(!inputs.is_empty(), "{folder} is empty");
    for input in inputs {
        let bytes = fs::read(fuzz().join(&folder).join(&input)).unwrap();
        // A panic, and a stack that is too small for it, do not say which input it was; and this is shown then.
        #[expect(clippy::print_stderr, reason = "shown where the test fails")]
        {
            eprintln!("{folder}/{input}");
        }
        check(&bytes);
    }
}

#[test]
fn every_fuzz_target_has_a_corpus_and_a_file_and_nothing_else_does() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("corpus"), targets);
    let files: BTreeSet<String> = targets.iter().map(|target| format!("{target}.rs")).collect();
    assert_eq!(names("fuzz_targets"), files);
}

#[test]
fn what_fuzzing_learnt_of_cel_mapping_holds() {
    replay("cel_mapping");
}

#[test]
fn what_fuzzing_learnt_of_csv_import_holds() {
    replay("csv_import");
}

#[test]
fn what_fuzzing_learnt_of_directory_json_holds() {
    replay("directory_json");
}

#[test]
fn what_fuzzing_learnt_of_patch_body_holds() {
    replay("patch_body");
}

#[test]
fn what_fuzzing_learnt_of_patch_path_holds() {
    replay("patch_path");
}

#[test]
fn what_fuzzing_learnt_of_scim_filter_holds() {
    replay("scim_filter");
}
