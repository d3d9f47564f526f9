//! What does a file say, and where? YAML as a tree that knows its places. What only hides a meaning is refused: aliases, tags, merge
//! keys, directives, a second document, a key that is there twice. Scalars stay the text that was typed; nothing is a number here.

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span};
use serde::{Deserialize, Serialize};

pub const BYTES_MAX: usize = 64 * 1024;
const DEPTH_MAX: usize = 16;

/// Line and column, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

impl Place {
    pub const START: Self = Self { line: 1, column: 1 };
}

/// A sentence about a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub place: Place,
    pub sentence: String,
}

impl Remark {
    pub fn new(place: Place, sentence: impl Into<String>) -> Self {
        Self { place, sentence: sentence.into() }
    }
}

pub(super) struct Node {
    pub at: Place,
    pub value: Value,
}

pub(super) enum Value {
    /// `plain`: without quotes and not a block.
    Text {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

pub(super) struct Entry {
    pub at: Place,
    pub key: String,
    pub value: Node,
}

/// A list or a map whose end has not come.
enum Open {
    List { at: Place, items: Vec<Node> },
    Map { at: Place, entries: Vec<Entry>, key: Option<(Place, String)> },
}

/// The text of a file as it came: UTF-8, without its mark, lines ended by `\n`.
pub fn text(bytes: &[u8]) -> Result<String, Remark> {
    if bytes.len() > BYTES_MAX {
        return Err(Remark::new(Place::START, "The file is larger than 64 KiB. Put long scripts and data into a volume."));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Remark::new(Place::START, "The file is written in UTF-16. Save it as UTF-8."));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(normal(text)),
        Err(error) => {
            let before = String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default()).into_owned();
            Err(Remark::new(end_of(&before), "This is not UTF-8. Save the file as UTF-8."))
        }
    }
}

fn normal(text: &str) -> String {
    text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n")
}

fn end_of(text: &str) -> Place {
    let last = text.rsplit('\n').next().unwrap_or_default();
    Place { line: text.matches('\n').count() + 1, column: last.chars().count() + 1 }
}

pub(super) fn tree(text: &str) -> Result<Node, Remark> {
    let text = self::text(text.as_bytes())?;
    if let Some((index, bad)) = text.char_indices().find(|(_, c)| is_control(*c)) {
        let place = end_of(text.get(..index).unwrap_or_default());
        return Err(Remark::new(place, format!("Here is a character that cannot be seen, U+{:04X}. Take it out.", u32::from(bad))));
    }
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_comments: false,
        flow_nesting_limit: DEPTH_MAX,
        block_nesting_limit: DEPTH_MAX,
    };
    let mut building = Building { text: &text, open: Vec::new(), root: None, documents: 0 };
    for event in Parser::new_from_str_with_options(&text, options) {
        let (event, span) = event.map_err(|error| unreadable(&error))?;
        building.take(event, &span)?;
    }
    building.root.ok_or_else(|| Remark::new(Place::START, "The file is empty. A task has at least a name and a run."))
}

fn is_control(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
}

struct Building<'a> {
    text: &'a str,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
}

impl Building<'_> {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Remark> {
        let at = start(span);
        if let Event::Scalar(text, style, anchor, tag) = event {
            plain_node(at, anchor, tag.is_some())?;
            self.scalar(at, text.into_owned(), style == ScalarStyle::Plain, span)
        } else if let Event::SequenceStart(_, anchor, tag) = event {
            plain_node(at, anchor, tag.is_some())?;
            self.open(at, Open::List { at, items: Vec::new() })
        } else if let Event::MappingStart(_, anchor, tag) = event {
            plain_node(at, anchor, tag.is_some())?;
            self.open(at, Open::Map { at, entries: Vec::new(), key: None })
        } else if matches!(event, Event::SequenceEnd | Event::MappingEnd) {
            match self.open.pop() {
                Some(Open::List { at, items }) => self.close(Node { at, value: Value::List(items) }),
                Some(Open::Map { at, entries, .. }) => self.close(Node { at, value: Value::Map(entries) }),
                None => Ok(()),
            }
        } else if matches!(event, Event::Alias(_) | Event::UnresolvedAlias(_)) {
            Err(Remark::new(at, ALIAS))
        } else if matches!(event, Event::DocumentStart(..)) {
            self.documents += 1;
            if self.documents > 1 { Err(Remark::new(at, "Here a second document begins. One file is one task.")) } else { Ok(()) }
        } else {
            Ok(())
        }
    }

    fn open(&mut self, at: Place, open: Open) -> Result<(), Remark> {
        if matches!(self.open.last(), Some(Open::Map { key: None, .. })) {
            return Err(Remark::new(at, "A field's name is plain text."));
        }
        if self.open.len() >= DEPTH_MAX {
            return Err(Remark::new(at, TOO_DEEP));
        }
        self.open.push(open);
        Ok(())
    }

    fn scalar(&mut self, at: Place, text: String, plain: bool, span: &Span) -> Result<(), Remark> {
        if let Some(bad) = text.chars().find(|c| is_control(*c)) {
            return Err(Remark::new(at, format!("This holds a character that no text has, U+{:04X}.", u32::from(bad))));
        }
        let Some(Open::Map { entries, key, .. }) = self.open.last_mut() else {
            return self.close(Node { at, value: Value::Text { text, plain } });
        };
        if key.is_some() {
            return self.close(Node { at, value: Value::Text { text, plain } });
        }
        if plain && text == "<<" {
            return Err(Remark::new(at, "Merge keys (<<) are not read here. Write the fields out."));
        }
        if let Some(known) = entries.iter().find(|entry| entry.key == text) {
            return Err(Remark::new(at, format!("“{}” is there twice; the first is on line {}.", super::shown(&text), known.at.line)));
        }
        let after = span.end.byte_offset().and_then(|end| self.text.get(end..)).unwrap_or_default();
        if plain && !after.starts_with(':') {
            return Err(Remark::new(at, format!("Write “{}:”, with the colon right after the name.", super::shown(&text))));
        }
        *key = Some((at, text));
        Ok(())
    }

    fn close(&mut self, node: Node) -> Result<(), Remark> {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, .. }) => match key.take() {
                Some((at, key)) => entries.push(Entry { at, key, value: node }),
                None => return Err(Remark::new(node.at, "A field's name is plain text.")),
            },
        }
        Ok(())
    }
}

const ALIAS: &str = "Anchors and aliases (&name, *name) are not read here. Write the value out.";
const TOO_DEEP: &str = "This is nested deeper than 16 levels.";

fn start(span: &Span) -> Place {
    Place { line: span.start.line(), column: span.start.col() + 1 }
}

fn plain_node(at: Place, anchor: usize, tagged: bool) -> Result<(), Remark> {
    if anchor != 0 {
        return Err(Remark::new(at, ALIAS));
    }
    if tagged { Err(Remark::new(at, "Tags (!name) are not read here. Write the value alone.")) } else { Ok(()) }
}

fn unreadable(error: &ScanError) -> Remark {
    let place = Place { line: error.marker().line(), column: error.marker().col() + 1 };
    let kind = error.kind();
    let sentence = if matches!(kind, ErrorKind::UnknownAnchor) {
        ALIAS.to_owned()
    } else if matches!(kind, ErrorKind::RecursionLimitExceeded) {
        TOO_DEEP.to_owned()
    } else if matches!(kind, ErrorKind::DirectiveDisallowed) {
        "Directives (%) are not read here. Take the line out.".to_owned()
    } else if matches!(kind, ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabNotAllowed) {
        "Indent with spaces: YAML does not take tabs here.".to_owned()
    } else {
        format!("This cannot be read as YAML: {kind}.")
    };
    Remark::new(place, sentence)
}
