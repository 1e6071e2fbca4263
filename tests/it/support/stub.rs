//! Servers that do not do what is asked of them: package registries and proxies that refuse, answer nonsense, or
//! never answer.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What becomes of each connection.
#[derive(Debug, Clone)]
enum Manner {
    /// Closed without a word.
    HangUp,
    /// Answered with this status and text.
    Answer(u16, String),
    /// Kept open for ever.
    Silence,
}

/// A server on loopback that ends with its test.
pub struct Stub {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
}

impl Stub {
    /// Closes every connection.
    pub fn hanging_up() -> Self {
        Self::serve(Manner::HangUp)
    }

    /// Answers every request with the same status and text.
    pub fn answering(status: u16, text: &str) -> Self {
        Self::serve(Manner::Answer(status, text.to_owned()))
    }

    /// Takes every connection and never says a word.
    pub fn silent() -> Self {
        Self::serve(Manner::Silence)
    }

    fn serve(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, ended) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let stub = Self { address, asked: Arc::clone(&asked), ended: Arc::clone(&ended) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                let (manner, asked, ended) = (manner.clone(), Arc::clone(&asked), Arc::clone(&ended));
                std::thread::spawn(move || attend(&stream, &manner, &asked, &ended));
            }
        });
        stub
    }

    /// As an address of a registry or a proxy.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// First lines of all requests so far, such as `CONNECT host:443 HTTP/1.1`.
    pub fn requests(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Wakes the listener, so that it sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

fn attend(mut stream: &TcpStream, manner: &Manner, asked: &Mutex<Vec<String>>, ended: &AtomicBool) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    if let Some(first) = lines.next() {
        asked.lock().unwrap().push(first);
    }
    match manner {
        Manner::HangUp => {}
        Manner::Answer(status, text) => {
            // The whole head is read first: closing with unread input would cut the answer off.
            lines.find(String::is_empty);
            let head =
                format!("HTTP/1.1 {status} Status\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", text.len());
            let _ = stream.write_all((head + text).as_bytes());
        }
        Manner::Silence => {
            while !ended.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

#[test]
fn stubs_refuse_in_their_ways_and_remember_who_asked() {
    use std::io::Read as _;
    let ask = |stub: &Stub| {
        let mut stream = TcpStream::connect(stub.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        stream.write_all(b"GET /simple/zenml/ HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = String::new();
        let result = stream.read_to_string(&mut answer);
        (answer, result.map_err(|error| error.kind()))
    };
    let broken = Stub::answering(503, "no service");
    let (answer, _) = ask(&broken);
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.ends_with("no service"), "{answer}");
    assert_eq!(broken.requests(), ["GET /simple/zenml/ HTTP/1.1"]);
    assert_eq!(ask(&Stub::hanging_up()).0, "");
    assert_eq!(ask(&Stub::silent()).1, Err(std::io::ErrorKind::WouldBlock));
}
