//! How are numbers, sizes and times read? By their text, so that `0o17`, `1e3` and `4` in quotes are what they look like: no numbers.

use super::tree::{Node, Value};
use crate::quantity::Size;

/// 1024 cores; a node has less.
const MILLIS_MAX: u64 = 1_024_000;
const MEMORY_MAX: Size = Size::from_bytes(64 << 40);
pub const GPUS_MAX: u32 = 64;
/// 30 days.
pub const SECONDS_MAX: u32 = 30 * 24 * 3600;

/// The text of a node, whatever it stands for.
pub(super) fn text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text { text, .. } => Some(text),
        Value::List(_) | Value::Map(_) => None,
    }
}

/// The text of a node that says something: `null`, `~` and an empty place say nothing.
pub(super) fn said(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text { text, plain } if !(*plain && matches!(text.as_str(), "" | "~" | "null")) => Some(text),
        Value::Text { .. } | Value::List(_) | Value::Map(_) => None,
    }
}

/// A whole number between two: decimal digits, not in quotes.
pub(super) fn whole(node: &Node, low: u32, high: u32) -> Result<u32, String> {
    let wrong = || format!("Write a whole number from {low} to {high}, plainly: no quotes, no sign, no other base.");
    match &node.value {
        Value::Text { text, plain: true } => digits(text).filter(|number| (low..=high).contains(number)).ok_or_else(wrong),
        Value::Text { .. } | Value::List(_) | Value::Map(_) => Err(wrong()),
    }
}

/// `7`, `120`; no zero before others.
fn digits(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

pub(super) fn yes_or_no(node: &Node) -> Result<bool, String> {
    match &node.value {
        Value::Text { text, plain: true } if text == "true" => Ok(true),
        Value::Text { text, plain: true } if text == "false" => Ok(false),
        Value::Text { .. } | Value::List(_) | Value::Map(_) => Err("Write true or false.".to_owned()),
    }
}

/// `4`, `0.5`, `500m`: thousandths of a core.
pub(super) fn cpus(node: &Node) -> Result<u64, String> {
    let wrong = || "Write a number of cores from 0.001 to 1024, for example 4, 0.5 or 500m.".to_owned();
    said(node).and_then(millis).filter(|millis| (1..=MILLIS_MAX).contains(millis)).ok_or_else(wrong)
}

fn millis(text: &str) -> Option<u64> {
    if let Some(thousandths) = text.strip_suffix('m') {
        return digits(thousandths).map(u64::from);
    }
    let (cores, part) = text.split_once('.').unwrap_or((text, "0"));
    let plain = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let part: u64 = plain.then(|| format!("{part:0<3}").parse().ok()).flatten()?;
    Some(u64::from(digits(cores)?) * 1000 + part)
}

/// A size, and a note if `GB` was read as the binary unit.
pub(super) fn size(node: &Node) -> Result<(Size, Option<String>), String> {
    let text = said(node).ok_or("Write a size, for example 10Gi.")?;
    if text.len() < 7 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("Write the unit: {text}Gi or {text}Mi."));
    }
    let typed = Size::typed(text).map_err(|error| error.to_string())?;
    if typed.size > MEMORY_MAX {
        return Err(format!("The largest that a task can ask for is {}.", MEMORY_MAX));
    }
    let note = typed.read_as_binary.then(|| format!("{text} is read in binary units: {}.", typed.size));
    Ok((typed.size, note))
}

/// `90s`, `45m`, `12h`, `1d`, `1h30m`, or seconds without a unit, as the Job itself has them.
pub(super) fn seconds(node: &Node, low: u32) -> Result<u32, String> {
    let wrong = || "Write a time with its unit, for example 90s, 45m, 12h or 1h30m; at most 30d.".to_owned();
    let mut rest = said(node).ok_or_else(wrong)?;
    if let Some(bare) = digits(rest) {
        return if (low..=SECONDS_MAX).contains(&bare) { Ok(bare) } else { Err(wrong()) };
    }
    let mut sum = 0_u32;
    let mut last = u32::MAX;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, after) = rest.split_at(end);
        let unit = match after.chars().next() {
            Some('d') => 86_400,
            Some('h') => 3600,
            Some('m') => 60,
            Some('s') => 1,
            Some(_) | None => return Err(wrong()),
        };
        // The larger first, each once.
        if unit >= last {
            return Err(wrong());
        }
        last = unit;
        sum = digits(number).and_then(|n| n.checked_mul(unit)).and_then(|n| sum.checked_add(n)).ok_or_else(wrong)?;
        rest = after.get(1..).unwrap_or_default();
    }
    if (low..=SECONDS_MAX).contains(&sum) && last != u32::MAX { Ok(sum) } else { Err(wrong()) }
}

/// How many GPUs, and of which product: `1`, `A100`, `A100:4`.
pub(super) fn gpus(node: &Node) -> Result<(u32, Option<String>), String> {
    let wrong = || format!("Write how many GPUs, from 0 to {GPUS_MAX}, or a product and how many: 1, A100:4.");
    let text = said(node).ok_or_else(wrong)?;
    if let Some(count) = digits(text) {
        return if count <= GPUS_MAX { Ok((count, None)) } else { Err(wrong()) };
    }
    let (product, count) = match text.split_once(':') {
        Some((product, count)) => (product, digits(count).ok_or_else(wrong)?),
        None => (text, 1),
    };
    if product_name(product) && (1..=GPUS_MAX).contains(&count) { Ok((count, Some(product.to_owned()))) } else { Err(wrong()) }
}

/// A value of the label that names a node's GPUs: begins with a letter here, so that no mistyped number is a product.
pub(super) fn product_name(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// `4`, `0.5`: the shortest that says the same.
pub fn cores(millis: u64) -> String {
    let (whole, part) = (millis / 1000, millis % 1000);
    if part == 0 { whole.to_string() } else { format!("{whole}.{part:03}").trim_end_matches('0').to_owned() }
}

/// `24h`, `90s`: one unit, the largest that is exact.
pub fn time(seconds: u32) -> String {
    match seconds {
        0 => "0s".to_owned(),
        n if n.is_multiple_of(3600) => format!("{}h", n / 3600),
        n if n.is_multiple_of(60) => format!("{}m", n / 60),
        n => format!("{n}s"),
    }
}
