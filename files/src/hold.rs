//! How long does the pod stay? Until nobody has asked for ten minutes, whatever has become of the portal. Whoever asks holds a
//! connection to the first process of the pod meanwhile; its end is theirs, however it came.

use std::{
    io,
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixListener, UnixStream},
    },
    process::ExitCode,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

pub const IDLE: Duration = Duration::from_secs(600);
/// A name of the pod's own network, not a file: there may be nowhere to write.
const NAME: &[u8] = b"stowage-files";

/// Says that somebody asks, as long as it is kept. Without the first process, as in tests, there is nobody to say it to.
pub fn busy() -> Option<UnixStream> {
    UnixStream::connect_addr(&SocketAddr::from_abstract_name(NAME).ok()?).ok()
}

pub fn hold() -> ExitCode {
    let listener = SocketAddr::from_abstract_name(NAME).and_then(|address| UnixListener::bind_addr(&address));
    match listener.and_then(|listener| until_idle(listener, IDLE)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot wait: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns when no connection was open for so long.
pub fn until_idle(listener: UnixListener, idle: Duration) -> io::Result<()> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let tell = tell.clone();
            thread::spawn(move || {
                let _ = tell.send(Told::Asks);
                // Nobody writes: there is nothing, and then the end.
                let _ = io::copy(&mut stream, &mut io::sink());
                let _ = tell.send(Told::Ended);
            });
        }
    });
    let mut open = 0_u32;
    loop {
        let next = if open == 0 { told.recv_timeout(idle) } else { told.recv().map_err(RecvTimeoutError::from) };
        match next {
            Ok(Told::Asks) => open += 1,
            Ok(Told::Ended) => open = open.saturating_sub(1),
            Err(RecvTimeoutError::Timeout) => return Ok(()),
            Err(RecvTimeoutError::Disconnected) => return Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

enum Told {
    Asks,
    Ended,
}
