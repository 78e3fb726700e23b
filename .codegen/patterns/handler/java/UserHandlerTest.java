package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import shop.UserHandler.EmailTakenException;
import shop.UserHandler.User;
import shop.UserHandler.UserInput;
import shop.UserHandler.UserNotFoundException;
import shop.UserHandler.UserService;

class UserHandlerTest {

    private static final String ADA = "{\"id\":1,\"name\":\"Ada\",\"email\":\"ada@example.com\",\"role\":\"admin\"}";
    private static final String BODY = "{\"name\":\" Ada \",\"email\":\" ada@example.com \",\"role\":\"admin\"}";

    private final FakeService service = new FakeService();
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpServer server;

    /** Knows the user 1, and writes down what it was asked. */
    private static final class FakeService implements UserService {

        private final List<String> calls = new ArrayList<>();
        private List<User> users = List.of(new User(1, "Ada", "ada@example.com", "admin"));
        private RuntimeException failure;

        private User answer(String call, long id, UserInput input) {
            calls.add(call);
            if (failure != null) {
                throw failure;
            }
            if (id != 1) {
                throw new UserNotFoundException();
            }
            return new User(id, input.name(), input.email(), input.role());
        }

        @Override
        public List<User> list() {
            return users;
        }

        @Override
        public User create(UserInput input) {
            return answer("create " + input.name() + " " + input.email(), 1, input);
        }

        @Override
        public User get(long id) {
            return answer("get " + id, id, new UserInput("Ada", "ada@example.com", "admin"));
        }

        @Override
        public User update(long id, UserInput input) {
            return answer("update " + id + " " + input.name() + " " + input.email(), id, input);
        }

        @Override
        public void delete(long id) {
            answer("delete " + id, id, new UserInput("Ada", "ada@example.com", "admin"));
        }
    }

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", new UserHandler(service));
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
        HttpRequest request = HttpRequest.newBuilder(uri).method(method, BodyPublishers.ofString(body)).build();
        return client.send(request, BodyHandlers.ofString());
    }

    /** Sends a request that is refused with a status and a JSON message, and returns the answer. */
    private HttpResponse<String> refused(int status, String method, String path, String body) throws Exception {
        HttpResponse<String> response = send(method, path, body);
        assertEquals(status, response.statusCode());
        assertEquals("application/json", response.headers().firstValue("Content-Type").orElse(""));
        assertTrue(response.body().startsWith("{\"error\":\""), response.body());
        return response;
    }

    // happy path: the list is that of the service.
    @Test
    void listIsServed() throws Exception {
        HttpResponse<String> response = send("GET", "/users", "");
        assertEquals(200, response.statusCode());
        assertEquals("[" + ADA + "]", response.body());
        assertEquals("application/json", response.headers().firstValue("Content-Type").orElse(""));
    }

    // happy path: a user is created, without the spaces around its fields.
    @Test
    void userIsCreated() throws Exception {
        HttpResponse<String> response = send("POST", "/users", BODY);
        assertEquals(201, response.statusCode());
        assertEquals(ADA, response.body());
        assertEquals(List.of("create Ada ada@example.com"), service.calls);
    }

    // happy path: a user is read and replaced.
    @Test
    void userIsReadAndReplaced() throws Exception {
        assertEquals(ADA, send("GET", "/users/1", "").body());
        HttpResponse<String> response = send("PUT", "/users/1", BODY);
        assertEquals(200, response.statusCode());
        assertEquals(ADA, response.body());
        assertEquals(List.of("get 1", "update 1 Ada ada@example.com"), service.calls);
    }

    // happy path: a user is deleted, and nothing is said.
    @Test
    void userIsDeleted() throws Exception {
        HttpResponse<String> response = send("DELETE", "/users/1", "");
        assertEquals(204, response.statusCode());
        assertEquals("", response.body());
        assertEquals(List.of("delete 1"), service.calls);
    }

    // error: an unknown user is 404.
    @Test
    void unknownUserIsNotFound() throws Exception {
        refused(404, "GET", "/users/9", "");
        refused(404, "PUT", "/users/9", BODY);
        refused(404, "DELETE", "/users/9", "");
    }

    // error: an email that is taken is 409.
    @Test
    void takenEmailIsAConflict() throws Exception {
        service.failure = new EmailTakenException();
        refused(409, "POST", "/users", BODY);
        refused(409, "PUT", "/users/1", BODY);
    }

    // error: any other failure is 500, and its text is not shown.
    @Test
    void otherFailuresAreHidden() throws Exception {
        service.failure = new IllegalStateException("secret");
        assertFalse(refused(500, "GET", "/users/1", "").body().contains("secret"));
    }

    // error: invalid fields are refused before the service is called: a name that is no string, blank or above 100
    // characters, an email without @, another role.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name | {\"name\":\"  \",\"email\":\"a@b\"}",
                "name | {\"name\":7,\"email\":\"a@b\"}",
                "name | {\"email\":\"a@b\"}",
                "email | {\"name\":\"Ada\",\"email\":\"ada\"}",
                "email | {\"name\":\"Ada\"}",
                "role | {\"name\":\"Ada\",\"email\":\"a@b\",\"role\":\"owner\"}",
            })
    void invalidFieldsAreRefused(String field, String body) throws Exception {
        String said = refused(422, "POST", "/users", body).body();
        assertTrue(said.contains(field), said);
        refused(422, "PUT", "/users/1", body);
        assertEquals(List.of(), service.calls);
    }

    // error: a body that is not a JSON object is refused.
    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "\"Ada\"", "{} {}"})
    void otherBodiesAreRefused(String body) throws Exception {
        refused(400, "POST", "/users", body);
        assertEquals(List.of(), service.calls);
    }

    // error: other paths are not found.
    @ParameterizedTest
    @ValueSource(strings = {"/", "/users/", "/users/ada", "/users/-1", "/users/1/name", "/users/1234567890123456789"})
    void otherPathsAreNotFound(String path) throws Exception {
        refused(404, "GET", path, "");
        assertEquals(List.of(), service.calls);
    }

    // error: other methods are not allowed, and those that are get named.
    @Test
    void otherMethodsAreNotAllowed() throws Exception {
        var list = refused(405, "DELETE", "/users", "");
        assertEquals("GET, POST", list.headers().firstValue("Allow").orElse(""));
        var item = refused(405, "POST", "/users/1", BODY);
        assertEquals("GET, PUT, DELETE", item.headers().firstValue("Allow").orElse(""));
    }

    // edge case: a list without users is an empty array.
    @Test
    void listMayBeEmpty() throws Exception {
        service.users = List.of();
        assertEquals("[]", send("GET", "/users", "").body());
    }

    // edge case: a role that is left out is member.
    @Test
    void roleIsMemberWhenLeftOut() throws Exception {
        HttpResponse<String> response = send("POST", "/users", BODY.replace(",\"role\":\"admin\"", ""));
        assertEquals(ADA.replace("admin", "member"), response.body());
    }

    // edge case: the longest name is taken, and one character more is not.
    @Test
    void nameHasALimit() throws Exception {
        String longest = "\uD83D\uDE00".repeat(100);
        assertEquals(201, send("POST", "/users", BODY.replace("Ada", longest)).statusCode());
        refused(422, "POST", "/users", BODY.replace("Ada", longest + "a"));
    }

    // edge case: a body of the largest size is read, and a larger one is refused.
    @Test
    void bodyHasALimit() throws Exception {
        String largest = BODY + " ".repeat(1024 * 1024 - BODY.length());
        assertEquals(201, send("POST", "/users", largest).statusCode());
        refused(413, "POST", "/users", largest + " ");
    }
}
