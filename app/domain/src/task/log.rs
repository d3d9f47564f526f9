//! What is a line of a log, to be shown? Text, in sixteen colours, with its time. Whatever else a terminal would do with it is
//! dropped: nothing that a program writes moves, asks, links or names anything here.

mod cursor;
mod split;
mod stamp;
pub mod wire;

pub use cursor::{Cursor, Place, Resume};
pub use split::{Raw, Splitter};
pub use stamp::Stamp;

use crate::text::is_invisible;

/// One line. `at` is when it was written, where the cluster says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub at: Option<Stamp>,
    pub spans: Vec<Span>,
}

/// Text in one colour: 0 to 7 as of old (black, red, green, yellow, blue, magenta, cyan, white), 8 to 15 the same but bright.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub text: String,
    pub colour: Option<u8>,
    pub bold: bool,
}

impl Line {
    /// Without its colours.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

/// So many seconds between the start of a container and its first line are told of.
const GAP: i64 = 10;

/// How long after its container's start the first line that is left was written, if that is long: either the program was silent, or
/// the node has removed what came before (`containerLogMaxSize` of the kubelet; only the newest file of a log can be read).
pub fn gap(started: Option<i64>, first: Option<Stamp>) -> Option<i64> {
    let gap = first?.seconds - started?;
    (gap >= GAP).then_some(gap)
}

/// Makes lines of what a pod wrote, as it comes; each begins with its time (`timestamps=true`).
#[derive(Clone, Debug, Default)]
pub struct Reader {
    splitter: Splitter,
    painter: Painter,
}

impl Reader {
    /// The lines that are whole by now. The caller bounds how long a line can get.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Line> {
        self.splitter.push(bytes).iter().map(|raw| self.painter.paint(raw)).collect()
    }

    /// The last line, if the log ends without an end of line.
    pub fn end(&mut self) -> Option<Line> {
        self.splitter.end().map(|raw| self.painter.paint(&raw))
    }
}

/// Makes of the lines of one pod, one after the other, what is shown of them.
#[derive(Clone, Debug, Default)]
pub struct Painter {
    pen: Pen,
}

/// How the next text looks; it lasts from line to line, as on a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Pen {
    colour: Option<u8>,
    bold: bool,
}

impl Painter {
    pub fn paint(&mut self, raw: &Raw) -> Line {
        let text = String::from_utf8_lossy(&raw.bytes);
        // Most lines are nothing but text.
        let is_plain = text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
        let spans = if text.is_empty() {
            Vec::new()
        } else if is_plain {
            vec![Span { text: text.into_owned(), colour: self.pen.colour, bold: self.pen.bold }]
        } else {
            self.spans(&text)
        };
        Line { at: raw.at, spans }
    }

    /// ECMA-48: control sequences end with a letter, control strings with a terminator or the line.
    fn spans(&mut self, text: &str) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        let mut chars = text.chars().peekable();
        let mut overwrites = false;
        while let Some(c) = chars.next() {
            match c {
                '\u{1b}' => match chars.next() {
                    Some('[') => self.control(&mut chars),
                    Some(']' | 'P' | 'X' | '^' | '_') => skip_string(&mut chars),
                    // An escape with something between, such as the choice of a character set.
                    Some(' '..='/') => {
                        while chars.next_if(|c| (' '..='/').contains(c)).is_some() {}
                        chars.next();
                    }
                    Some(_) | None => {}
                },
                '\u{9b}' => self.control(&mut chars),
                '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut chars),
                // What comes now is written over what was there: of a progress bar the last state is left.
                '\r' => overwrites = true,
                '\t' => self.write(&mut spans, '\t', &mut overwrites),
                c if c.is_control() => {}
                c if is_invisible(c) => self.write(&mut spans, '\u{fffd}', &mut overwrites),
                c => self.write(&mut spans, c, &mut overwrites),
            }
        }
        spans
    }

    fn write(&self, spans: &mut Vec<Span>, c: char, overwrites: &mut bool) {
        if std::mem::take(overwrites) {
            spans.clear();
        }
        match spans.last_mut().filter(|span| (span.colour, span.bold) == (self.pen.colour, self.pen.bold)) {
            Some(span) => span.text.push(c),
            None => spans.push(Span { text: c.to_string(), colour: self.pen.colour, bold: self.pen.bold }),
        }
    }

    fn control(&mut self, chars: &mut impl Iterator<Item = char>) {
        let mut parameters = String::new();
        for c in chars {
            match c {
                '0'..='?' => parameters.push(c),
                ' '..='/' => {}
                'm' => return self.colour(&parameters),
                _ => return,
            }
        }
    }

    /// Select graphic rendition. Colours beyond the sixteen are left out with their parameters.
    fn colour(&mut self, parameters: &str) {
        let mut numbers = parameters.split([';', ':']).map(|number| if number.is_empty() { Some(0) } else { number.parse::<u8>().ok() });
        while let Some(number) = numbers.next() {
            match number {
                Some(0) => self.pen = Pen::default(),
                Some(1) => self.pen.bold = true,
                Some(22) => self.pen.bold = false,
                Some(colour @ 30..=37) => self.pen.colour = Some(colour - 30),
                Some(colour @ 90..=97) => self.pen.colour = Some(colour - 82),
                Some(39) => self.pen.colour = None,
                Some(kind @ (38 | 48)) => {
                    let colour = match numbers.next() {
                        Some(Some(5)) => numbers.next().flatten().filter(|colour| *colour < 16),
                        Some(Some(2)) => {
                            numbers.nth(2);
                            None
                        }
                        _ => None,
                    };
                    if kind == 38 {
                        self.pen.colour = colour;
                    }
                }
                Some(_) | None => {}
            }
        }
    }
}

/// To the terminator: BEL, ST, or `ESC \`.
fn skip_string(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(c) = chars.next() {
        if matches!(c, '\u{7}' | '\u{9c}') || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(String, Option<u8>, bool)> {
        let line = Reader::default().push(format!("{text}\n").as_bytes()).remove(0);
        line.spans.into_iter().map(|span| (span.text, span.colour, span.bold)).collect()
    }

    fn plain(text: &str) -> String {
        shown(text).into_iter().map(|(text, ..)| text).collect()
    }

    #[test]
    fn c5_101_colours_are_kept_and_everything_else_of_a_terminal_is_dropped() {
        assert_eq!(
            shown("a\u{1b}[31mb\u{1b}[1;92mc\u{1b}[0md"),
            [("a".into(), None, false), ("b".into(), Some(1), false), ("c".into(), Some(10), true), ("d".into(), None, false)]
        );
        assert_eq!(
            shown("\u{1b}[38;5;9mx\u{1b}[38;5;200my\u{1b}[38;2;1;2;3;1mz"),
            [("x".into(), Some(9), false), ("y".into(), None, false), ("z".into(), None, true)]
        );
        for (text, left) in [
            // c5-100: clipboard, link, title, question, another character set, cursor, C1
            ("\u{1b}]52;c;aGk=\u{7}x", "x"),
            ("\u{1b}]8;;javascript:alert(1)\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}]0;title\u{9c}x", "x"),
            ("\u{1b}P$q\"p\u{1b}\\x\u{1b}[6n\u{1b}[c", "x"),
            ("\u{1b}(Bx\u{1b}[2J\u{1b}[1;1Hy", "xy"),
            ("\u{9b}31mx\u{9d}0;t\u{7}y", "xy"),
            ("never ends \u{1b}]0;abc", "never ends "),
            ("a\u{0}b\u{8}c\u{7f}d", "abcd"),
            ("10 %\r20 %\r100 %", "100 %"),
            ("windows\r", "windows"),
            ("a\tb", "a\tb"),
            // Text that looks like markup stays text.
            ("<img onerror=x></script>{\"event\":\"lines\"}", "<img onerror=x></script>{\"event\":\"lines\"}"),
            ("a\u{2028}b\u{202e}c", "a\u{fffd}b\u{fffd}c"),
        ] {
            assert_eq!(plain(text), left, "{text:?}");
        }
    }

    #[test]
    fn c5_101_what_is_not_utf_8_is_marked_and_hides_nothing() {
        let mut reader = Reader::default();
        assert_eq!(reader.push(b"a\xff\xfeb\nc").iter().map(Line::text).collect::<Vec<_>>(), ["a\u{fffd}\u{fffd}b"]);
        assert_eq!(reader.end().map(|line| line.text()), Some("c".into()));
        assert_eq!(reader.end(), None);
    }

    #[test]
    fn lines_come_in_pieces_with_their_times_and_colours_last() {
        let mut reader = Reader::default();
        assert_eq!(reader.push(b"2026-03-21T14:02:07.5Z \x1b[3"), []);
        let lines = reader.push(b"2mone\n2026-03-21T14:02:08Z two\nno time\n");
        assert_eq!(lines.iter().map(Line::text).collect::<Vec<_>>(), ["one", "two", "no time"]);
        assert_eq!(
            lines.iter().map(|line| line.at.map(|at| at.to_string())).collect::<Vec<_>>(),
            [Some("1774101727.500000000".into()), Some("1774101728.000000000".into()), None]
        );
        assert!(lines.iter().all(|line| line.spans[0].colour == Some(2)));
    }
}
