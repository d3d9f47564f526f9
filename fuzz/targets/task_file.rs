//! Does every refusal of a task file have its place, and does a file that was taken mean the same through the form?
#![no_main]

use domain::task::{Limits, TaskForm, file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = file::text(bytes) else { return };
    let limits = Limits::default();
    match file::read(&text, &limits, &[]) {
        Ok(read) => {
            let again = TaskForm::of(&read.spec).file();
            let same = file::read(&again, &limits, &[]);
            assert_eq!(same.map(|file| file.spec), Ok(read.spec), "{again}");
        }
        Err(unreadable) => {
            assert!(!unreadable.errors.is_empty());
            let lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count();
            assert!(unreadable.errors.iter().all(|error| error.place.line <= lines + 1 && !error.sentence.is_empty()), "{:?}", unreadable.errors);
        }
    }
});
