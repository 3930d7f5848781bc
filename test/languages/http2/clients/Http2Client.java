// Calls through a sidecar with java.net.http. Arguments: outbound port, port with TLS, path of its certificate.
// Prints a line for each answer: NAME VERSION STATUS BODY.
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class Http2Client {
  public static void main(String[] args) throws Exception {
    String cleartext = "http://127.0.0.1:" + args[0];
    String secure = "https://localhost:" + args[1];
    // HTTP/2 is what this client asks for by itself: in cleartext by Upgrade, with TLS by ALPN.
    HttpClient plainly = HttpClient.newHttpClient();
    for (String service : List.of("plain", "modern")) {
      show("cleartext-" + service, plainly, to(cleartext + "/get").header("Host", service).build());
    }
    HttpClient securely = HttpClient.newBuilder().sslContext(trusting(Path.of(args[2]))).build();
    show("secure", securely, to(secure + "/get").build());
    show("upload", securely, to(secure + "/up").POST(BodyPublishers.ofByteArray(new byte[1_000_000])).build());
    show("old", securely, to(secure + "/get").version(HttpClient.Version.HTTP_1_1).build());
    many(securely, secure);
    System.exit(0);
  }

  static void many(HttpClient client, String address) {
    List<CompletableFuture<Integer>> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      HttpRequest request = to(address + "/call/" + i).build();
      calls.add(client.sendAsync(request, BodyHandlers.ofString()).thenApply(HttpResponse::statusCode));
    }
    long good = calls.stream().map(CompletableFuture::join).filter(status -> status == 200).count();
    System.out.println("many " + good);
  }

  static HttpRequest.Builder to(String url) {
    return HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(20));
  }

  static void show(String name, HttpClient client, HttpRequest request) throws Exception {
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    System.out.println(name + " " + response.version() + " " + response.statusCode() + " " + response.body());
  }

  static SSLContext trusting(Path certificate) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream file = Files.newInputStream(certificate)) {
      store.setCertificateEntry("tests", CertificateFactory.getInstance("X.509").generateCertificate(file));
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }
}
