//! How are pasted lines read? As the files that other tools call `.env`: `NAME=value`, with or without quotes, `export` and comments.

use super::Hidden;

/// Why a line cannot be taken. It names the line and never says what stands on it: that may be the secret itself.
pub(super) fn pairs(text: &str) -> Result<Vec<(String, Hidden)>, String> {
    let text = text.replace("\r\n", "\n");
    let mut lines = text.lines().enumerate();
    let mut pairs = Vec::new();
    while let Some((place, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=') else {
            return Err(format!("Line {} has no =. Write NAME=value on each line.", place + 1));
        };
        let value = value.trim();
        let value = match value.chars().next().filter(|quote| matches!(quote, '"' | '\'')) {
            None => value.to_owned(),
            Some(quote) => {
                let mut whole = value[1..].to_owned();
                loop {
                    if let Some(value) = quoted(&whole, quote) {
                        break value;
                    }
                    // A value in quotes goes on until they end.
                    let Some((_, next)) = lines.next() else {
                        return Err(format!("The quotes on line {} have no end.", place + 1));
                    };
                    whole.push('\n');
                    whole.push_str(next);
                }
            }
        };
        pairs.push((name.trim().to_owned(), Hidden::from(value)));
    }
    Ok(pairs)
}

/// What stands before the closing quote, if there is one.
fn quoted(text: &str, quote: char) -> Option<String> {
    let mut value = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            c if c == quote => return Some(value),
            '\\' if quote == '"' => match characters.next()? {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                other => value.push(other),
            },
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        pairs(text).unwrap().into_iter().map(|(name, value)| (name, value.reveal().to_owned())).collect()
    }

    #[test]
    fn pasted_lines_are_read_as_other_tools_read_them() {
        let text =
            "# S3\r\nA=1\r\n\r\nexport B = two words \nC=\"a\\nb \\\"c\\\"\"\nD='$x \\n'\nE=\"-----BEGIN\nkey=\n-----END\"\nF=a=b==\nG=";
        let expected = [
            ("A", "1"),
            ("B", "two words"),
            ("C", "a\nb \"c\""),
            ("D", "$x \\n"),
            ("E", "-----BEGIN\nkey=\n-----END"),
            ("F", "a=b=="),
            ("G", ""),
        ];
        assert_eq!(read(text), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_is_wrong_is_said_by_its_line_and_never_by_what_stands_on_it() {
        assert_eq!(pairs("A=1\ncanary").unwrap_err(), "Line 2 has no =. Write NAME=value on each line.");
        assert_eq!(pairs("A=\"canary\nB=2").unwrap_err(), "The quotes on line 1 have no end.");
    }
}
