//! How does a line travel to the browser? As text: `milliseconds \t rank \t text`. Two characters that no program can put there, since
//! all control characters are dropped, say what its text does not: [`STYLE`] and one more how what follows looks, [`OWN`] at the
//! beginning that the portal itself says it.

use super::{Line, Span, Stamp};
use std::fmt::Write;

/// With the next character: `'0'` and the colour, or 16 for none, and 32 more for bold.
pub const STYLE: char = '\u{1}';
pub const OWN: char = '\u{2}';

const PLAIN: (Option<u8>, bool) = (None, false);

/// Writes the line behind what is there.
pub fn line(out: &mut String, at: Option<Stamp>, rank: u32, line: &Line) {
    head(out, at, rank);
    let mut style = PLAIN;
    for Span { text, colour, bold } in &line.spans {
        if style != (*colour, *bold) {
            style = (*colour, *bold);
            out.push(STYLE);
            out.push(char::from(b'0' + colour.unwrap_or(16).min(16) + if *bold { 32 } else { 0 }));
        }
        out.push_str(text);
    }
    out.push('\n');
}

/// A line of the portal's own.
pub fn own(out: &mut String, at: Option<Stamp>, rank: u32, text: &str) {
    head(out, at, rank);
    out.push(OWN);
    out.push_str(text);
    out.push('\n');
}

fn head(out: &mut String, at: Option<Stamp>, rank: u32) {
    let millis = at.map_or(0, |at| at.seconds.saturating_mul(1000) + i64::from(at.nanos / 1_000_000));
    // A string takes whatever is written.
    let _ = write!(out, "{millis}\t{rank}\t");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::log::Reader;

    #[test]
    fn c5_101_a_line_travels_with_its_colours_and_no_program_writes_the_signs_for_them() {
        let mut reader = Reader::default();
        let mut out = String::new();
        for read in reader.push(b"2026-03-21T14:02:07.5Z a\x1b[31mb\x1b[1mc\x1b[0md\ntwo\x01\x02\x00\tx\x1e\n") {
            line(&mut out, read.at, 3, &read);
        }
        own(&mut out, None, 1, "goes on");
        assert_eq!(out, "1774101727500\t3\ta\u{1}1b\u{1}Qc\u{1}@d\n0\t3\ttwo\tx\n0\t1\t\u{2}goes on\n");
    }
}
