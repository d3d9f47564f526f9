//! Which variables of a task hold a secret? By their names alone, so that a value is not on the screen for whoever looks over a
//! shoulder. That is courtesy, not protection: who may see the task may read its YAML.

/// Words of which one is enough, between underscores.
const WORDS: [&str; 13] =
    ["PASSWORD", "PASSWD", "PASSPHRASE", "PASS", "PWD", "SECRET", "TOKEN", "KEY", "APIKEY", "CREDENTIAL", "CREDENTIALS", "AUTH", "PRIVATE"];
/// The shell's own, which are no secrets.
const PLAIN: [&str; 2] = ["PWD", "OLDPWD"];
/// Where a secret is kept is none.
const PLACES: [&str; 3] = ["FILE", "PATH", "DIR"];

/// Whether the value of this variable is masked.
pub fn is_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let leads_elsewhere = PLACES.iter().any(|end| upper.ends_with(end));
    !leads_elsewhere
        && !PLAIN.contains(&upper.as_str())
        && upper.split('_').any(|word| WORDS.contains(&word) || WORDS.contains(&word.trim_end_matches('S')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_secret_are_and_others_are_not() {
        for secret in
            ["HF_TOKEN", "WANDB_API_KEY", "aws_secret_access_key", "DB_PASSWORD", "PASSWORD", "SSH_KEYS", "GITHUB_TOKENS", "PGPWD_PASS"]
        {
            assert!(is_secret(secret), "{secret}");
        }
        for plain in ["PATH", "PWD", "KEYBOARD", "TOKENIZERS_PARALLELISM", "MONKEY", "COMPASS", "BATCH_SIZE", "AUTHOR", "DB_PASSWORD_FILE"]
        {
            assert!(!is_secret(plain), "{plain}");
        }
    }
}
