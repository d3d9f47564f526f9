//! What does the container run? One script for the shell, as it was written, and nothing that Kubernetes changes on the way.

use domain::task::TaskSpec;

/// `setup` and `run` in one shell that ends at the first command that fails.
pub(super) fn script(spec: &TaskSpec) -> String {
    let lines = ["set -e"].into_iter().chain(spec.setup.as_deref()).chain([spec.run.as_str()]);
    lines.map(|part| format!("{}\n", part.trim_end_matches('\n'))).collect()
}

/// Kubernetes replaces `$(NAME)` in commands and in values of variables, and reads `$$` as `$`
/// (kubernetes, third_party/forked/golang/expansion/expand.go). A `$` before `$` or `(` is doubled, which it takes back.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        escaped.push(character);
        if character == '$' && matches!(characters.peek(), Some('$' | '(')) {
            escaped.push('$');
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Kubernetes does it, with `A` the only variable.
    fn expanded(text: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        let (mut expanded, mut place) = (String::new(), 0);
        while place < characters.len() {
            if characters[place] != '$' || place + 1 == characters.len() {
                expanded.push(characters[place]);
                place += 1;
                continue;
            }
            match characters[place + 1] {
                '$' => {
                    expanded.push('$');
                    place += 2;
                }
                '(' => match characters[place + 2..].iter().position(|c| *c == ')') {
                    Some(end) => {
                        let name: String = characters[place + 2..place + 2 + end].iter().collect();
                        expanded.push_str(&if name == "A" { "REPLACED".to_owned() } else { format!("$({name})") });
                        place += end + 3;
                    }
                    None => {
                        expanded.push_str("$(");
                        place += 2;
                    }
                },
                other => {
                    expanded.push('$');
                    expanded.push(other);
                    place += 2;
                }
            }
        }
        expanded
    }

    #[test]
    fn what_a_person_writes_is_what_the_shell_reads() {
        assert_eq!(expanded("$(A) $$"), "REPLACED $");
        let mut texts = vec![String::new()];
        for _ in 0..6 {
            let longer: Vec<_> = texts.iter().flat_map(|text| ['$', '(', ')', 'A'].map(|character| format!("{text}{character}"))).collect();
            for text in &longer {
                assert_eq!(expanded(&escaped(text)), *text);
            }
            texts = longer;
        }
        assert_eq!(escaped("echo $HOME ${A} $1"), "echo $HOME ${A} $1", "what means nothing to Kubernetes stays as it is");
    }
}
