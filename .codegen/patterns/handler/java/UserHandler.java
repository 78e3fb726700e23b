package shop;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Serves the user resource over HTTP, at /users and /users/{id}. */
public final class UserHandler implements HttpHandler {

    private static final Logger LOGGER = System.getLogger(UserHandler.class.getName());
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
    private static final Pattern ITEM = Pattern.compile("/users/([0-9]{1,18})");
    private static final int MAX_BODY = 1024 * 1024;
    private static final int MAX_NAME = 100;
    private static final String DEFAULT_ROLE = "member";
    private static final Set<String> ROLES = Set.of(DEFAULT_ROLE, "admin");

    private final UserService service;

    /** Creates a handler that works through the service. */
    public UserHandler(UserService service) {
        this.service = service;
    }

    /** What the handler needs from the application. */
    public interface UserService {

        /** Returns all users. */
        List<User> list();

        /** Adds a user; throws {@link EmailTakenException}. */
        User create(UserInput input);

        /** Returns the user with this id; throws {@link UserNotFoundException}. */
        User get(long id);

        /** Replaces the fields of a user; throws {@link UserNotFoundException} or {@link EmailTakenException}. */
        User update(long id, UserInput input);

        /** Removes the user with this id; throws {@link UserNotFoundException}. */
        void delete(long id);
    }

    /** A user as clients see it. */
    public record User(long id, String name, String email, String role) {}

    /** What clients say of a user, checked and without surrounding spaces. */
    public record UserInput(String name, String email, String role) {}

    /** No user has this id. */
    public static final class UserNotFoundException extends RuntimeException {}

    /** Another user has this email. */
    public static final class EmailTakenException extends RuntimeException {}

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        Answer answer = answer(exchange);
        byte[] body = answer.body() == null ? new byte[0] : JSON.writeValueAsBytes(answer.body());
        try (exchange) {
            if (answer.allow() != null) {
                exchange.getResponseHeaders().set("Allow", answer.allow());
            }
            if (answer.body() != null) {
                exchange.getResponseHeaders().set("Content-Type", "application/json");
            }
            // Nothing follows the headers when there is no body; a length of zero would announce a body of any length.
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** A status with the value that its JSON body is made of, if any, and the methods that are allowed. */
    private record Answer(int status, Object body, String allow) {

        static Answer of(int status, Object body) {
            return new Answer(status, body, null);
        }

        static Answer error(int status, String message) {
            return of(status, Map.of("error", message));
        }

        static Answer methodNotAllowed(String allow) {
            return new Answer(405, Map.of("error", "method not allowed"), allow);
        }
    }

    /** A request that is refused before the service is called. */
    private static final class RefusedException extends Exception {

        private final int status;

        RefusedException(int status, String message) {
            super(message);
            this.status = status;
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        try {
            return route(exchange);
        } catch (RefusedException refused) {
            return Answer.error(refused.status, refused.getMessage());
        } catch (UserNotFoundException unknown) {
            return Answer.error(404, "user not found");
        } catch (EmailTakenException taken) {
            return Answer.error(409, "email is taken");
        } catch (RuntimeException unexpected) {
            LOGGER.log(Level.ERROR, "the user service failed", unexpected);
            return Answer.error(500, "internal error");
        }
    }

    private Answer route(HttpExchange exchange) throws IOException, RefusedException {
        String path = exchange.getRequestURI().getPath();
        String method = exchange.getRequestMethod();
        if (path.equals("/users")) {
            return switch (method) {
                case "GET" -> Answer.of(200, service.list());
                case "POST" -> Answer.of(201, service.create(input(exchange)));
                default -> Answer.methodNotAllowed("GET, POST");
            };
        }
        Matcher item = ITEM.matcher(path);
        if (!item.matches()) {
            return Answer.error(404, "not found");
        }
        long id = Long.parseLong(item.group(1));
        return switch (method) {
            case "GET" -> Answer.of(200, service.get(id));
            case "PUT" -> Answer.of(200, service.update(id, input(exchange)));
            case "DELETE" -> {
                service.delete(id);
                yield Answer.of(204, null);
            }
            default -> Answer.methodNotAllowed("GET, PUT, DELETE");
        };
    }

    private static UserInput input(HttpExchange exchange) throws IOException, RefusedException {
        JsonNode data = body(exchange);
        String name = text(data, "name");
        if (name.isEmpty() || name.codePointCount(0, name.length()) > MAX_NAME) {
            throw new RefusedException(422, "name must have 1 to " + MAX_NAME + " characters");
        }
        String email = text(data, "email");
        if (!email.contains("@")) {
            throw new RefusedException(422, "email must contain an @");
        }
        String role = data.has("role") ? text(data, "role") : DEFAULT_ROLE;
        if (!ROLES.contains(role)) {
            throw new RefusedException(422, "role must be member or admin");
        }
        return new UserInput(name, email, role);
    }

    private static JsonNode body(HttpExchange exchange) throws IOException, RefusedException {
        byte[] bytes = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
        if (bytes.length > MAX_BODY) {
            throw new RefusedException(413, "the body is too large");
        }
        try {
            JsonNode data = JSON.readTree(bytes);
            if (data.isObject()) {
                return data;
            }
        } catch (JacksonException malformed) {
            throw new RefusedException(400, "the body is not valid JSON");
        }
        throw new RefusedException(400, "the body is not a JSON object");
    }

    private static String text(JsonNode data, String key) throws RefusedException {
        JsonNode value = data.path(key);
        if (!value.isTextual()) {
            throw new RefusedException(422, key + " must be a text");
        }
        return value.textValue().strip();
    }
}
