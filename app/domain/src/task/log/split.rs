//! Where does a line of a log begin and end, and when was it written?

use super::Stamp;

/// A line as it was written, without its time and its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Raw {
    pub at: Option<Stamp>,
    pub bytes: Vec<u8>,
}

/// Cuts what a pod wrote into lines, as it comes.
#[derive(Clone, Debug, Default)]
pub struct Splitter {
    unfinished: Vec<u8>,
}

impl Splitter {
    /// The lines that are whole by now. The caller bounds how long a line can get.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Raw> {
        let mut lines = Vec::new();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            match part.strip_suffix(b"\n") {
                Some(end) if self.unfinished.is_empty() => lines.push(raw(end)),
                Some(end) => {
                    self.unfinished.extend_from_slice(end);
                    lines.push(raw(&std::mem::take(&mut self.unfinished)));
                }
                None => self.unfinished.extend_from_slice(part),
            }
        }
        lines
    }

    /// The last line, if the log ends without an end of line.
    pub fn end(&mut self) -> Option<Raw> {
        let rest = std::mem::take(&mut self.unfinished);
        (!rest.is_empty()).then(|| raw(&rest))
    }
}

fn raw(line: &[u8]) -> Raw {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let space = line.iter().take(40).position(|byte| *byte == b' ');
    let stamp = space.and_then(|end| Some((Stamp::rfc3339(std::str::from_utf8(&line[..end]).ok()?)?, &line[end + 1..])));
    match stamp {
        Some((at, rest)) => Raw { at: Some(at), bytes: rest.to_vec() },
        None => Raw { at: None, bytes: line.to_vec() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_are_the_same_in_whatever_pieces_they_come(text in "([a-z 0-9:.TZ\r-]{0,20}\n){0,6}[a-z]{0,4}", at in 0usize..60) {
            let whole = { let mut all = Splitter::default(); let mut lines = all.push(text.as_bytes()); lines.extend(all.end()); lines };
            let (first, second) = text.as_bytes().split_at(at.min(text.len()));
            let mut splitter = Splitter::default();
            let mut lines = splitter.push(first);
            lines.extend(splitter.push(second));
            lines.extend(splitter.end());
            prop_assert_eq!(lines, whole);
        }
    }
}
