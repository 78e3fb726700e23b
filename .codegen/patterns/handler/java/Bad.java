package shop;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.NoSuchElementException;

/** Serves users over HTTP, read-only; what went wrong is told by the text of the exception. */
public final class UserHandler implements HttpHandler {

    private static final Logger LOGGER = System.getLogger(UserHandler.class.getName());

    private final UserService service;

    /** Creates a handler that works through the service. */
    public UserHandler(UserService service) {
        this.service = service;
    }

    /** What the handler needs from the application. */
    public interface UserService {

        /** Returns the name of a user. */
        String name(String id);
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("GET")) {
            exchange.getResponseHeaders().set("Allow", "GET");
            send(exchange, 405, "{\"error\":\"method not allowed\"}");
            return;
        }
        try {
            send(exchange, 200, "{\"name\":\"" + service.name(exchange.getRequestURI().getPath()) + "\"}");
        } catch (NoSuchElementException unknown) {
            send(exchange, 404, json("error", "not found"));
        } catch (RuntimeException failure) {
            LOGGER.log(Level.ERROR, "failed", failure);
            if (failure.getMessage().contains("not found")) {
                send(exchange, 404, json("error", "not found"));
            } else {
                send(exchange, 500, json("error", "internal error"));
            }
        }
    }

    private static String json(String key, String value) {
        return "{\"" + key + "\":\"" + value + "\"}";
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
