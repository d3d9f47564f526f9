//! How do fields become a file?

use super::{SHARED_MEMORY, ScratchRow, SecretRow, TaskForm, VolumeRow};

impl TaskForm {
    /// The file that says the same. Empty fields are left out.
    pub fn file(&self) -> String {
        let mut file = String::new();
        field(&mut file, "", "name", &self.name);
        field(&mut file, "", "num_nodes", &self.num_nodes);
        let resources = self.resources();
        section(&mut file, "resources", &resources);
        let is_list = self.volumes.iter().any(|row| row.path.trim().is_empty());
        section(&mut file, "volumes", &self.volumes.iter().map(|row| row.line(is_list)).collect::<String>());
        section(&mut file, "scratch", &self.scratch.iter().map(ScratchRow::line).collect::<String>());
        section(&mut file, "envs", &variables(&self.envs));
        section(&mut file, "secrets", &self.secrets.iter().map(SecretRow::line).collect::<String>());
        field(&mut file, "", "workdir", &self.workdir);
        block(&mut file, "setup", &self.setup);
        block(&mut file, "run", &self.run);
        field(&mut file, "", "completions", &self.completions);
        field(&mut file, "", "parallelism", &self.parallelism);
        field(&mut file, "", "retries", &self.retries);
        field(&mut file, "", "time_limit", &self.time_limit);
        field(&mut file, "", "keep", &self.keep);
        file
    }

    fn resources(&self) -> String {
        let mut lines = String::new();
        for (name, value) in [
            ("cpus", &self.cpus),
            ("memory", &self.memory),
            ("disk", &self.disk),
            ("accelerators", &self.accelerators),
            ("gpu_type", &self.gpu_type),
            ("image_id", &self.image_id),
        ] {
            field(&mut lines, "  ", name, value);
        }
        let mut requests = String::new();
        field(&mut requests, "    ", "cpus", &self.requests_cpus);
        field(&mut requests, "    ", "memory", &self.requests_memory);
        if !requests.is_empty() {
            lines += &format!("  requests:\n{requests}");
        }
        lines
    }
}

impl VolumeRow {
    fn line(&self, is_list: bool) -> String {
        let mut parts = vec![format!("name: {}", scalar(self.name.trim()))];
        let mut add = |name: &str, value: &str| {
            if !value.trim().is_empty() {
                parts.push(format!("{name}: {}", scalar(value.trim())));
            }
        };
        if is_list {
            add("path", &self.path);
        }
        if !self.read_only.trim().is_empty() {
            add("read_only", "true");
        }
        add("size", &self.size);
        add("class", &self.class);
        add("access", &self.access);
        let value = if parts.len() == 1 { scalar(self.name.trim()) } else { format!("{{{}}}", parts.join(", ")) };
        if is_list { format!("  - {value}\n") } else { format!("  {}: {value}\n", scalar(self.path.trim())) }
    }
}

impl ScratchRow {
    fn line(&self) -> String {
        // Shared memory has one place, whatever else was typed.
        let path = if self.medium == "shm" { SHARED_MEMORY } else { self.path.trim() };
        let (path, size) = (scalar(path), scalar(self.size.trim()));
        if matches!(self.medium.as_str(), "memory" | "shm") {
            format!("  {path}: {{size: {size}, medium: memory}}\n")
        } else {
            format!("  {path}: {size}\n")
        }
    }
}

impl SecretRow {
    fn line(&self) -> String {
        let env = self.env.trim();
        // Only chosen: the variable is called like the key.
        let env = if env.is_empty() { self.from.rsplit('/').next().unwrap_or_default() } else { env };
        format!("  {}: {}\n", scalar(env), scalar(self.from.trim()))
    }
}

fn section(file: &mut String, name: &str, lines: &str) {
    if !lines.is_empty() {
        *file += &format!("{name}:\n{lines}");
    }
}

fn field(file: &mut String, indent: &str, name: &str, value: &str) {
    if !value.trim().is_empty() {
        *file += &format!("{indent}{name}: {}\n", scalar(value.trim()));
    }
}

/// A script, as a block: its lines as they are.
fn block(file: &mut String, name: &str, text: &str) {
    if text.trim().is_empty() {
        return;
    }
    // A block cannot hold what begins with a blank without saying how far it is indented, nor what cannot be seen.
    if text.contains(|c: char| (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')) {
        *file += &format!("{name}: {}\n", quoted(text));
        return;
    }
    let indicator = if text.starts_with([' ', '\t', '\n']) { "2" } else { "" };
    let chomping = match text.len() - text.trim_end_matches('\n').len() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    *file += &format!("{name}: |{indicator}{chomping}\n");
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        *file += if line.is_empty() { "" } else { "  " };
        *file += line;
        file.push('\n');
    }
}

/// The value as YAML: plain where no reader takes it for anything else than what it is here.
fn scalar(text: &str) -> String {
    let first = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/');
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-' | b':' | b'@'));
    if first && plain && !text.ends_with(':') && !matches!(text, "null") { text.to_owned() } else { quoted(text) }
}

/// In double quotes (YAML 1.2, 7.3.1).
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted += "\\\"",
            '\\' => quoted += "\\\\",
            '\n' => quoted += "\\n",
            '\t' => quoted += "\\t",
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => quoted += &format!("\\u{:04x}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// Each line of variables as one of the file. A line without `=` has no value, which is refused where it stands.
fn variables(lines: &str) -> String {
    let mut found = String::new();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        match line.split_once('=') {
            Some((name, value)) => found += &format!("  {}: {}\n", scalar(name.trim()), quoted(&off_one_line(value))),
            None => found += &format!("  {}:\n", scalar(line.trim())),
        }
    }
    found
}

fn off_one_line(value: &str) -> String {
    let trimmed = value.trim();
    let Some(inner) = trimmed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|_| trimmed.len() > 1) else {
        return trimmed.to_owned();
    };
    let mut text = String::new();
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        match (c, c == '\\') {
            (_, true) => match characters.next() {
                Some('n') => text.push('\n'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            (c, false) => text.push(c),
        }
    }
    text
}
