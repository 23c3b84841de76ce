// Starts a Spring application for a settings file, and prints what its chat model answers, or how many numbers a vector
// has. Arguments: the proxy's user, the folder with application.yml, then "chat" and "vector".
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.util.List;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.openai.OpenAiEmbeddingOptions;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

@EnableAutoConfiguration
public class Ask {
  public static void main(String[] arguments) {
    Authenticator.setDefault(
        new Authenticator() {
          @Override
          protected PasswordAuthentication getPasswordAuthentication() {
            return new PasswordAuthentication(arguments[0], "inside".toCharArray());
          }
        });
    String location = "--spring.config.location=file:" + arguments[1] + "/application.yml";
    SpringApplicationBuilder builder =
        new SpringApplicationBuilder(Ask.class).web(WebApplicationType.NONE).bannerMode(Banner.Mode.OFF);
    try (ConfigurableApplicationContext context = builder.run(location, "--logging.level.root=ERROR")) {
      for (int index = 2; index < arguments.length; index++) {
        System.out.println(arguments[index].equals("chat") ? chat(context) : vector(context));
      }
    }
  }

  private static Object chat(ConfigurableApplicationContext context) {
    return context.getBean(ChatModel.class).call("hello there");
  }

  private static Object vector(ConfigurableApplicationContext context) {
    OpenAiEmbeddingOptions options = OpenAiEmbeddingOptions.builder().model("text-embedding-v4").build();
    EmbeddingRequest request = new EmbeddingRequest(List.of("x"), options);
    return context.getBean(EmbeddingModel.class).call(request).getResult().getOutput().length;
  }
}
