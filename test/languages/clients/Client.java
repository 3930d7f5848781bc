// Calls through a sidecar with java.net.http. Arguments: a scenario. See ../client.ts for what it prints.
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

public class Client {
  static final int OUTBOUND = Integer.parseInt(System.getenv("OUTBOUND"));
  static final int INBOUND = Integer.parseInt(System.getenv("INBOUND"));
  static final Path UPLOAD = Path.of(System.getenv("UPLOAD"));

  // Takes the proxy from -Dhttp.proxyHost and -Dhttp.proxyPort. Asks for HTTP/2 by h2c, as this client does by default.
  static final HttpClient byProxy = HttpClient.newBuilder().proxy(ProxySelector.getDefault()).build();
  static final HttpClient byHost = HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build();

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "reach" -> reach();
      case "post" -> post();
      case "large" -> large();
      case "spread" -> spread();
      case "kill" -> kill();
      case "errors" -> errors();
      default -> throw new IllegalArgumentException(args[0]);
    }
    System.exit(0);
  }

  static HttpRequest.Builder to(String url) {
    return HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(20));
  }

  static HttpRequest.Builder toOrders(String path) {
    return to("http://127.0.0.1:" + OUTBOUND + path).header("Host", "orders");
  }

  static void show(String name, HttpClient client, HttpRequest request) throws Exception {
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    System.out.println(name + " " + response.statusCode() + " " + response.body());
  }

  static void reach() throws Exception {
    show("proxy", byProxy, to("http://orders/by-proxy?n=1").build());
    show("host", byHost, toOrders("/by-host").build());
    // A plain socket behind a proxy is opened by CONNECT.
    Proxy proxy = new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", OUTBOUND));
    try (Socket socket = new Socket(proxy)) {
      socket.connect(InetSocketAddress.createUnresolved("orders", 80), 20_000);
      OutputStream out = socket.getOutputStream();
      out.write("GET /by-connect HTTP/1.1\r\nHost: orders:80\r\nConnection: close\r\n\r\n".getBytes());
      String text = new String(socket.getInputStream().readAllBytes());
      String body = text.substring(text.indexOf("{"), text.lastIndexOf("}") + 1);
      System.out.println("connect " + text.split(" ")[1] + " " + body);
    }
    show("inbound", byHost, to("http://127.0.0.1:" + INBOUND + "/inbound").build());
  }

  static void post() throws Exception {
    byte[] body;
    try (InputStream file = Files.newInputStream(UPLOAD)) {
      body = file.readNBytes(4096);
    }
    show("length", byProxy, to("http://orders/digest").POST(BodyPublishers.ofByteArray(body)).build());
    // The length of a stream is not known, so it is sent in chunks.
    var stream = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body));
    show("chunked", byHost, toOrders("/digest").version(HttpClient.Version.HTTP_1_1).POST(stream).build());
    show("again", byHost, toOrders("/digest").POST(BodyPublishers.ofByteArray(body)).build());
  }

  static void large() throws Exception {
    show("up", byHost, toOrders("/digest").POST(BodyPublishers.ofFile(UPLOAD)).build());
    HttpRequest request = to("http://orders/file?bytes=" + Files.size(UPLOAD)).build();
    HttpResponse<InputStream> response = byProxy.send(request, BodyHandlers.ofInputStream());
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] piece = new byte[50_000];
    long count = 0;
    try (InputStream body = response.body()) {
      for (int read = body.read(piece); read >= 0; read = body.read(piece)) {
        digest.update(piece, 0, read);
        count += read;
      }
    }
    String hex = HexFormat.of().formatHex(digest.digest());
    System.out.println("down " + response.statusCode() + " " + count + " " + hex);
  }

  static final AtomicInteger calls = new AtomicInteger();
  static final AtomicInteger failed = new AtomicInteger();
  static final CountDownLatch enough = new CountDownLatch(50);

  static CompletableFuture<Void> call() {
    HttpRequest request = toOrders("/call/" + calls.incrementAndGet()).build();
    return byHost.sendAsync(request, BodyHandlers.discarding()).handle((response, error) -> {
      if (error != null || response.statusCode() != 200) {
        System.err.println(error != null ? error : response);
        failed.incrementAndGet();
      }
      enough.countDown();
      return null;
    });
  }

  static void ended() {
    System.out.println("ended " + calls + " " + failed);
  }

  static void spread() {
    List<CompletableFuture<Void>> callers = new ArrayList<>();
    for (int i = 0; i < 100; i++) callers.add(call().thenCompose(x -> call()).thenCompose(x -> call()));
    callers.forEach(CompletableFuture::join);
    ended();
  }

  static void kill() throws Exception {
    AtomicBoolean killed = new AtomicBoolean();
    Thread[] callers = new Thread[8];
    for (int i = 0; i < callers.length; i++) {
      callers[i] = new Thread(() -> {
        while (!killed.get()) call().join();
        for (int left = 30; left > 0; left--) call().join();
      });
    }
    Arrays.stream(callers).forEach(Thread::start);
    enough.await();
    System.out.println("under-way");
    System.in.read();
    killed.set(true);
    for (Thread caller : callers) caller.join();
    ended();
  }

  static void errors() throws IOException, InterruptedException {
    show("unknown", to("http://nobody/").build());
    show("gone", to("http://gone/").build());
    show("late", to("http://orders/stall").header("x-request-deadline-ms", "100").build());
  }

  static void show(String name, HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response = byProxy.send(request, BodyHandlers.ofString());
    String type = response.headers().firstValue("Content-Type").orElse("");
    System.out.println(name + " " + response.statusCode() + " " + type + " " + response.body());
  }
}
