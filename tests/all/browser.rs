//! A headless Chromium, driven over its DevTools protocol: what the page does, asks for and complains about.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// Longer than any step takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page.
pub(crate) struct Browser {
    child: Child,
    socket: WebSocket<TcpStream>,
    session: Value,
    number: u64,
    /// Everything that was reported and not asked for.
    events: Vec<Value>,
    _profile: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Browser {
    /// Starts one; without a Chromium on this machine, says so and returns `None`, but fails where `CI` is `true`.
    pub(crate) fn start(test: &str) -> Option<Browser> {
        let Some(program) = NAMES.iter().find_map(|name| installed(name)) else {
            let needed = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!needed, "{test}: there is no Chromium, and CI needs one");
            eprintln!("{test}: skipped, there is no Chromium on this machine");
            return None;
        };
        let profile = tempfile::tempdir().expect("a folder");
        let child = Command::new(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Chromium starts");
        let (port, path) = door(profile.path());
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("Chromium listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let address = format!("ws://127.0.0.1:{port}{path}");
        let (socket, _) = tungstenite::client(address, stream).expect("Chromium speaks");
        let mut browser =
            Browser { child, socket, session: Value::Null, number: 0, events: Vec::new(), _profile: profile };
        let target = browser.ask("Target.createTarget", json!({ "url": "about:blank" }));
        let attached = browser.ask("Target.attachToTarget", json!({ "targetId": target["targetId"], "flatten": true }));
        browser.session = attached["sessionId"].clone();
        for domain in ["Page", "Runtime", "Log", "Network", "DOM"] {
            browser.ask(&format!("{domain}.enable"), json!({}));
        }
        browser.ask("Page.setLifecycleEventsEnabled", json!({ "enabled": true }));
        Some(browser)
    }

    /// Asks for something and waits for the answer.
    pub(crate) fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.number += 1;
        let mut message = json!({ "id": self.number, "method": method, "params": parameters });
        if self.session.is_string() {
            message["sessionId"] = self.session.clone();
        }
        self.socket.send(Message::text(message.to_string())).expect("sent");
        loop {
            let heard = self.hear();
            if heard["id"] == self.number {
                assert!(heard["error"].is_null(), "{method}: {}", heard["error"]);
                return heard["result"].clone();
            }
            self.events.push(heard);
        }
    }

    fn hear(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.socket.read().expect("Chromium answers") {
                return serde_json::from_str(&text).expect("JSON");
            }
        }
    }

    /// Opens a file in a window of that width, and waits until it is there.
    pub(crate) fn open(&mut self, file: &Path, width: u32) {
        self.resize(width);
        self.events.clear();
        let navigation = self.ask("Page.navigate", json!({ "url": format!("file://{}", file.display()) }));
        // That of the page before may be reported as late as now.
        let loaded = |event: &Value| {
            event["method"] == "Page.lifecycleEvent"
                && event["params"]["name"] == "load"
                && event["params"]["loaderId"] == navigation["loaderId"]
        };
        while !self.events.iter().any(loaded) {
            let heard = self.hear();
            self.events.push(heard);
        }
    }

    /// Sets the width of the window.
    pub(crate) fn resize(&mut self, width: u32) {
        let (height, mobile) = (900, width < 600);
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.ask("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// The value of an expression in the page; a promise is waited for.
    #[track_caller]
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.ask("Runtime.evaluate", parameters);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// What the page asked the network or the disk for, and what it complained about.
    pub(crate) fn requests_and_complaints(&mut self) -> (Vec<String>, Vec<String>) {
        // Whatever is under way is reported before this is answered.
        self.value("new Promise((done) => setTimeout(done, 100))");
        let of =
            |method: &str| self.events.iter().filter(|event| event["method"] == method).cloned().collect::<Vec<_>>();
        let requests = of("Network.requestWillBeSent");
        let requests = requests.iter().map(|event| event["params"]["request"]["url"].as_str().unwrap_or("").to_owned());
        let mut complaints: Vec<String> = Vec::new();
        for method in ["Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"] {
            complaints.extend(of(method).iter().map(|event| event["params"].to_string()));
        }
        (requests.collect(), complaints)
    }

    /// The page from its top, so wide and so high, as a PNG.
    pub(crate) fn picture(&mut self, width: u32, height: u32) -> Vec<u8> {
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
        let wanted = json!({ "captureBeyondViewport": true, "optimizeForSpeed": true, "clip": clip });
        bytes(&self.ask("Page.captureScreenshot", wanted)["data"])
    }

    /// The page printed on A4, as a PDF.
    pub(crate) fn print(&mut self) -> Vec<u8> {
        let paper = json!({ "preferCSSPageSize": true, "printBackground": false });
        bytes(&self.ask("Page.printToPDF", paper)["data"])
    }
}

fn bytes(encoded: &Value) -> Vec<u8> {
    data_encoding::BASE64.decode(encoded.as_str().expect("text").as_bytes()).expect("base64")
}

/// Where Chromium says that it listens.
fn door(profile: &Path) -> (u16, String) {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let text = std::fs::read_to_string(profile.join("DevToolsActivePort")).unwrap_or_default();
        if let Some((port, path)) = text.trim().split_once('\n') {
            return (port.parse().expect("a port"), path.to_owned());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("Chromium does not come up");
}

fn installed(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|program| program.is_file())
}
