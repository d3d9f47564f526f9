//! Does any name, kind or swap of a file in the volume make the program read what it must not, wait, or fall over?

use crate::{
    answer,
    archive::{self, LEFT_OUT, Limits},
    below::Root,
    hold,
    refused::Refused,
};
use data_encoding::BASE64URL_NOPAD;
use flate2::read::GzDecoder;
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs::{self, File},
    io::Read,
    os::{
        linux::net::SocketAddrExt,
        unix::{
            ffi::{OsStrExt, OsStringExt},
            fs::symlink,
            net::{SocketAddr, UnixListener, UnixStream},
        },
    },
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

/// A volume of its own, removed afterwards; beside it lies what must never be read.
struct Volume(PathBuf);

impl Volume {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let dir = std::env::temp_dir().join(format!("stowage-files-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(dir.join("volume")).unwrap();
        fs::write(dir.join("secret"), "outside").unwrap();
        Self(dir)
    }

    fn path(&self, name: &[u8]) -> PathBuf {
        self.0.join("volume").join(OsStr::from_bytes(name))
    }

    fn put(&self, name: &[u8], content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    fn run(&self, command: &str, path: &[u8], more: &[&str]) -> Result<Vec<u8>, Refused> {
        let path = if path.is_empty() { "-".to_owned() } else { BASE64URL_NOPAD.encode(path) };
        let arguments: Vec<_> = [command, &path].into_iter().chain(more.iter().copied()).map(|word| word.as_bytes().to_vec()).collect();
        let mut out = Vec::new();
        answer(&Root::open(&self.0.join("volume")).unwrap(), &arguments, &mut out).map(|()| out)
    }

    fn read(&self, path: &[u8]) -> Result<String, Refused> {
        self.run("read", path, &["0"]).map(|out| after_first_line(&out))
    }

    /// The names of a page, and what the next one goes on after.
    fn list(&self, path: &[u8], after: &str, limit: usize) -> Result<(Vec<Vec<u8>>, String), Refused> {
        let out = self.run("list", path, &[after, &limit.to_string()])?;
        let text = String::from_utf8(out).unwrap();
        let field = |line: &str, key: &str| {
            let start = line.find(&format!("\"{key}\":\"")).map(|at| at + key.len() + 4)?;
            line[start..].split('"').next().map(str::to_owned)
        };
        let names = text.lines().filter_map(|line| field(line, "name")).map(|name| BASE64URL_NOPAD.decode(name.as_bytes()).unwrap());
        Ok((names.collect(), field(text.lines().last().unwrap(), "next").unwrap()))
    }

    /// The archive's entries, with their content or their link's target.
    fn archive(&self, path: &[u8], limits: &Limits) -> BTreeMap<String, String> {
        let mut out = Vec::new();
        archive::archive(&Root::open(&self.0.join("volume")).unwrap(), path, limits, &mut out).unwrap();
        let start = out.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let mut archive = tar::Archive::new(GzDecoder::new(&out[start..]));
        let entries = archive.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let link = entry.link_name().unwrap().map(|target| format!("-> {}", target.display()));
            let mut content = String::new();
            entry.read_to_string(&mut content).unwrap();
            (entry.path().unwrap().display().to_string(), link.unwrap_or(content))
        });
        entries.collect()
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn after_first_line(out: &[u8]) -> String {
    let text = String::from_utf8_lossy(out);
    text.split_once('\n').map(|(_, rest)| rest.to_owned()).unwrap_or_default()
}

fn fifo(path: &Path) {
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
}

#[test]
fn c5_085_no_path_leads_out_of_the_volume() {
    let volume = Volume::new();
    volume.put(b"a", "inside");
    fs::create_dir(volume.path(b"dir")).unwrap();
    for path in ["../secret", "..", "/etc/passwd", "dir/../../secret", "dir/../a", "./a", "dir//x", "a/", "/", "a\0b"] {
        for (command, more) in [("read", &["0"][..]), ("list", &["-", "9"]), ("archive", &[])] {
            assert_eq!(volume.run(command, path.as_bytes(), more).err(), Some(Refused::Malformed), "{command} {path}");
        }
    }
    // Not a way up, but names that nobody has.
    for path in ["..\\..\\secret", "%2e%2e/secret", "..../secret"] {
        assert_eq!(volume.read(path.as_bytes()), Err(Refused::NotFound), "{path}");
    }
    assert_eq!(volume.read(b"a").unwrap(), "inside");
    assert_eq!(volume.read(b""), Err(Refused::Malformed));
}

#[test]
fn c5_086_a_link_is_shown_and_never_followed() {
    let volume = Volume::new();
    fs::create_dir(volume.path(b"dir")).unwrap();
    volume.put(b"dir/a", "inside");
    for (name, target) in
        [("up", "../secret"), ("abs", "/etc/passwd"), ("proc", "/proc/self/environ"), ("in", "dir/a"), ("to-dir", "dir"), ("none", "x")]
    {
        symlink(target, volume.path(name.as_bytes())).unwrap();
        assert_eq!(volume.read(name.as_bytes()), Err(Refused::Link), "{name}");
        let listed = String::from_utf8(volume.run("list", b"", &["-", "99"]).unwrap()).unwrap();
        let line = listed.lines().find(|line| line.contains(&BASE64URL_NOPAD.encode(name.as_bytes()))).unwrap();
        assert!(line.contains(r#""kind":"link""#) && line.contains(&BASE64URL_NOPAD.encode(target.as_bytes())), "{line}");
    }
    assert_eq!(volume.read(b"to-dir/a"), Err(Refused::Link), "on the way");
    assert!(matches!(volume.list(b"to-dir", "-", 9), Err(Refused::Link | Refused::NotAFolder)));
    assert!(matches!(volume.run("archive", b"to-dir", &[]), Err(Refused::Link | Refused::NotAFolder)));
}

#[test]
fn c5_086_a_file_that_becomes_a_link_between_two_looks_is_not_followed() {
    let volume = Volume::new();
    volume.put(b"a", "inside");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (file, link) = (volume.path(b"file"), volume.path(b"link"));
            while !stop.load(Ordering::Relaxed) {
                fs::write(&file, "inside").unwrap();
                fs::rename(&file, volume.path(b"a")).unwrap();
                symlink("../secret", &link).unwrap();
                fs::rename(&link, volume.path(b"a")).unwrap();
            }
        });
        let reads: Vec<_> = (0..2000).map(|_| volume.read(b"a")).collect();
        stop.store(true, Ordering::Relaxed);
        for read in reads {
            assert!(matches!(read.as_deref(), Ok("inside") | Err(Refused::Link)), "{read:?}");
        }
    });
}

#[test]
fn c5_087_every_name_comes_back_byte_for_byte_and_pages_have_no_gap() {
    let volume = Volume::new();
    let long = vec![b'x'; 255];
    let odd: [&[u8]; 9] =
        [b"-rf", b"a\nb", b"\xff\xfe", b"<script>alert(1)", b"con", "\u{202e}gpj.exe".as_bytes(), &long, b"a b", b"$(id).txt"];
    for name in odd {
        volume.put(name, "x");
        assert_eq!(volume.read(name).unwrap(), "x", "{name:?}");
    }
    for folder in [&b"zz"[..], b"-"] {
        fs::create_dir(volume.path(folder)).unwrap();
    }
    let (mut seen, mut after) = (Vec::new(), "-".to_owned());
    loop {
        let (names, next) = volume.list(b"", &after, 2).unwrap();
        assert!(names.len() <= 2);
        seen.extend(names);
        if next.is_empty() {
            break;
        }
        after = next;
    }
    let mut files = odd.map(<[u8]>::to_vec);
    files.sort();
    let expected: Vec<_> = [b"-".to_vec(), b"zz".to_vec()].into_iter().chain(files).collect();
    assert_eq!(seen, expected, "folders first, then by bytes");
    let entries: Vec<_> = fs::read_dir(volume.path(b"")).unwrap().map(|entry| entry.unwrap().file_name().into_vec()).collect();
    assert_eq!(entries.len(), seen.len());
}

#[test]
fn c5_088_what_is_no_file_is_not_opened() {
    let volume = Volume::new();
    fifo(&volume.path(b"fifo"));
    let _socket = UnixListener::bind(volume.path(b"socket")).unwrap();
    fs::create_dir(volume.path(b"dir")).unwrap();
    // Would wait for a writer for ever.
    for name in ["fifo", "socket", "dir"] {
        assert_eq!(volume.read(name.as_bytes()), Err(Refused::NotAFile), "{name}");
    }
    assert_eq!(volume.list(b"fifo", "-", 9).err(), Some(Refused::NotAFolder));
    let packed = volume.archive(b"", &archive::LIMITS);
    assert!(packed[LEFT_OUT].contains("volume/fifo: is neither") && packed[LEFT_OUT].contains("volume/socket: is neither"));
}

#[test]
fn c5_088_a_file_is_read_from_a_place_on_and_cut_at_the_size_that_was_said() {
    let volume = Volume::new();
    volume.put(b"a", "0123456789");
    let part = |from: &str, length: &[&str]| {
        let more: Vec<_> = [from].into_iter().chain(length.iter().copied()).collect();
        String::from_utf8(volume.run("read", b"a", &more).unwrap()).unwrap()
    };
    assert!(part("0", &[]).starts_with(r#"{"ok":{"size":10,"length":10,"#));
    assert!(part("3", &["4"]).ends_with("\n3456"));
    assert!(part("8", &["99"]).ends_with("\n89"));
    assert!(part("10", &[]).ends_with("}}\n"));
    assert!(part("99999999999", &["1"]).ends_with("}}\n"));
    for wrong in ["-1", "x", "", "18446744073709551616"] {
        assert_eq!(volume.run("read", b"a", &[wrong]), Err(Refused::Malformed), "{wrong}");
    }
    File::create(volume.path(b"sparse")).unwrap().set_len(1 << 40).unwrap();
    let out = volume.run("read", b"sparse", &["1099511627770", "99"]).unwrap();
    assert_eq!(after_first_line(&out), "\0".repeat(6));
}

#[test]
fn c5_096_an_archive_has_links_as_links_and_says_what_it_left_out() {
    let volume = Volume::new();
    fs::create_dir_all(volume.path(b"top/deep/er")).unwrap();
    volume.put(b"top/a", "content");
    volume.put(b"top/deep/-rf", "dash");
    symlink("..", volume.path(b"top/deep/loop")).unwrap();
    symlink("/etc/passwd", volume.path(b"top/link")).unwrap();
    let packed = volume.archive(b"top", &archive::LIMITS);
    let expected = [
        ("top/", ""),
        ("top/a", "content"),
        ("top/deep/", ""),
        ("top/deep/-rf", "dash"),
        ("top/deep/er/", ""),
        ("top/deep/loop", "-> .."),
        ("top/link", "-> /etc/passwd"),
    ];
    assert_eq!(packed, expected.map(|(path, content)| (path.to_owned(), content.to_owned())).into());

    let few = Limits { entries: 2, ..archive::LIMITS };
    assert!(volume.archive(b"top", &few)[LEFT_OUT].contains("The rest: an archive holds 2 entries"));
    let quick = Limits { time: Duration::ZERO, ..archive::LIMITS };
    assert!(volume.archive(b"top", &quick)[LEFT_OUT].contains("The rest"));
    let shallow = Limits { depth: 1, ..archive::LIMITS };
    assert!(volume.archive(b"top", &shallow)[LEFT_OUT].contains("top/deep: what is in it lies too deep"));
}

#[test]
fn a_command_that_is_not_known_does_nothing() {
    let volume = Volume::new();
    for (command, more) in [("sh", &["-c"][..]), ("list", &[]), ("list", &["-", "x"]), ("read", &[]), ("", &[]), ("archive", &["x"])] {
        assert_eq!(volume.run(command, b"a", more).err(), Some(Refused::Malformed), "{command} {more:?}");
    }
    assert_eq!(volume.run("list", b"", &["*", "1"]).err(), Some(Refused::Malformed), "not base64");
}

#[test]
fn d_21_the_pod_ends_once_nobody_asks_any_more_and_not_before() {
    let address = SocketAddr::from_abstract_name(format!("stowage-files-test-{}", std::process::id())).unwrap();
    let listener = UnixListener::bind_addr(&address).unwrap();
    let asking = UnixStream::connect_addr(&address).unwrap();
    let (ended, heard) = std::sync::mpsc::channel();
    // Not waited for: it may be what never ends.
    std::thread::spawn(move || ended.send(hold::until_idle(listener, Duration::from_secs(1)).is_ok()));
    assert!(heard.recv_timeout(Duration::from_secs(2)).is_err(), "somebody asks");
    drop(asking);
    assert_eq!(heard.recv_timeout(Duration::from_secs(20)), Ok(true));
}
