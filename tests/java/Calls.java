// Compiles rendered files one after another, and prints what calls of the SDK returned with each. Arguments: the proxy's
// host, port and user, then pairs of a folder with DashScopeClient.java and the names of calls, separated by commas. The
// call "main" runs the file's own program, which ends the process.
import com.alibaba.dashscope.aigc.generation.Generation;
import com.alibaba.dashscope.aigc.generation.GenerationParam;
import com.alibaba.dashscope.aigc.imagesynthesis.ImageSynthesis;
import com.alibaba.dashscope.aigc.imagesynthesis.ImageSynthesisParam;
import com.alibaba.dashscope.aigc.multimodalconversation.MultiModalConversation;
import com.alibaba.dashscope.aigc.multimodalconversation.MultiModalConversationParam;
import com.alibaba.dashscope.aigc.videosynthesis.VideoSynthesis;
import com.alibaba.dashscope.aigc.videosynthesis.VideoSynthesisParam;
import com.alibaba.dashscope.app.Application;
import com.alibaba.dashscope.app.ApplicationParam;
import com.alibaba.dashscope.audio.omni.OmniRealtimeCallback;
import com.alibaba.dashscope.audio.omni.OmniRealtimeConversation;
import com.alibaba.dashscope.audio.omni.OmniRealtimeParam;
import com.alibaba.dashscope.audio.qwen_tts_realtime.QwenTtsRealtime;
import com.alibaba.dashscope.audio.qwen_tts_realtime.QwenTtsRealtimeCallback;
import com.alibaba.dashscope.audio.qwen_tts_realtime.QwenTtsRealtimeParam;
import com.alibaba.dashscope.audio.ttsv2.SpeechSynthesisParam;
import com.alibaba.dashscope.audio.ttsv2.SpeechSynthesizer;
import com.alibaba.dashscope.common.Message;
import com.alibaba.dashscope.common.MultiModalMessage;
import com.alibaba.dashscope.embeddings.TextEmbedding;
import com.alibaba.dashscope.embeddings.TextEmbeddingParam;
import com.alibaba.dashscope.protocol.ConnectionConfigurations;
import com.alibaba.dashscope.rerank.TextReRank;
import com.alibaba.dashscope.rerank.TextReRankParam;
import com.alibaba.dashscope.utils.Constants;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import okhttp3.Credentials;

public final class Calls {
  private static final Map<String, Callable<Object>> CALLS = new LinkedHashMap<>();

  static {
    CALLS.put("chat", () -> new Generation().call(chat()).getOutput().getChoices().get(0).getMessage().getContent());
    CALLS.put("stream", Calls::stream);
    CALLS.put("multimodal", Calls::multimodal);
    CALLS.put("vector", Calls::vector);
    CALLS.put("rerank", Calls::rerank);
    CALLS.put("image", () -> new ImageSynthesis().asyncCall(image()).getOutput().getTaskStatus());
    CALLS.put("video", () -> new VideoSynthesis().asyncCall(video()).getOutput().getTaskStatus());
    CALLS.put("application", () -> new Application().call(application()).getOutput().getText());
    CALLS.put("speech", Calls::speech);
    CALLS.put("omni", Calls::omni);
    CALLS.put("realtime", Calls::realtime);
  }

  private static GenerationParam chat() {
    Message message = Message.builder().role("user").content("hello there").build();
    return GenerationParam.builder()
        .model("qwen-plus")
        .messages(Collections.singletonList(message))
        .resultFormat("message")
        .incrementalOutput(true)
        .build();
  }

  private static Object stream() throws Exception {
    List<String> pieces = new ArrayList<>();
    new Generation()
        .streamCall(chat())
        .blockingForEach(
            answer -> pieces.add(answer.getOutput().getChoices().get(0).getMessage().getContent()));
    return pieces;
  }

  private static Object multimodal() throws Exception {
    Map<String, Object> text = Collections.singletonMap("text", "hello there");
    MultiModalMessage message =
        MultiModalMessage.builder().role("user").content(Collections.singletonList(text)).build();
    MultiModalConversationParam request =
        MultiModalConversationParam.builder().model("qwen-vl-max").message(message).build();
    return new MultiModalConversation()
        .call(request).getOutput().getChoices().get(0).getMessage().getContent().get(0).get("text");
  }

  private static Object vector() throws Exception {
    TextEmbeddingParam request = TextEmbeddingParam.builder().model("text-embedding-v4").text("x").build();
    List<Double> vector = new TextEmbedding().call(request).getOutput().getEmbeddings().get(0).getEmbedding();
    return List.of(vector.size(), vector.stream().filter(number -> number == 0).count());
  }

  private static Object rerank() throws Exception {
    TextReRankParam request =
        TextReRankParam.builder().model("gte-rerank-v2").query("cat").document("a dog").document("a cat").build();
    return new TextReRank().call(request).getOutput().getResults().get(0).getIndex();
  }

  private static ImageSynthesisParam image() {
    return ImageSynthesisParam.builder().model("wanx2.1-t2i-turbo").prompt("a cat").build();
  }

  private static VideoSynthesisParam video() {
    return VideoSynthesisParam.builder().model("wanx2.1-t2v-turbo").prompt("a cat").build();
  }

  private static ApplicationParam application() {
    return ApplicationParam.builder().appId("1a2b3c").prompt("hello there").build();
  }

  private static Object speech() throws Exception {
    SpeechSynthesisParam request = SpeechSynthesisParam.builder().model("cosyvoice-v2").voice("longxiaochun_v2").build();
    byte[] sound = new byte[4];
    new SpeechSynthesizer(request, null).call("hello there", 20000).get(sound);
    return new String(sound, "US-ASCII");
  }

  private static Object omni() throws Exception {
    CompletableFuture<Object> first = new CompletableFuture<>();
    OmniRealtimeCallback callback =
        new OmniRealtimeCallback() {
          @Override
          public void onEvent(JsonObject message) {
            first.complete(message.get("type").getAsString());
          }

          @Override
          public void onClose(int code, String reason) {}
        };
    OmniRealtimeParam request = OmniRealtimeParam.builder().model("qwen3-omni-flash-realtime").build();
    new OmniRealtimeConversation(request, callback).connect();
    return first.get(20, TimeUnit.SECONDS);
  }

  private static Object realtime() throws Exception {
    CompletableFuture<Object> first = new CompletableFuture<>();
    QwenTtsRealtimeCallback callback =
        new QwenTtsRealtimeCallback() {
          @Override
          public void onEvent(JsonObject message) {
            first.complete(message.get("type").getAsString());
          }

          @Override
          public void onClose(int code, String reason) {}
        };
    // The sandbox has conversations alone, at the same path.
    QwenTtsRealtimeParam request = QwenTtsRealtimeParam.builder().model("qwen3-omni-flash-realtime").build();
    new QwenTtsRealtime(request, callback).connect();
    return first.get(20, TimeUnit.SECONDS);
  }

  private static Class<?> compiled(String folder) throws Exception {
    Path file = Path.of(folder, "DashScopeClient.java");
    Path classes = Files.createTempDirectory(Path.of(folder), "classes");
    String path = System.getProperty("java.class.path");
    String[] options = {
      "--release", "8", "-Xlint:-options", "-cp", path, "-d", classes.toString(), "-encoding", "UTF-8", file.toString()
    };
    if (ToolProvider.getSystemJavaCompiler().run(null, System.err, System.err, options) != 0) {
      throw new IllegalArgumentException(file + " is not Java");
    }
    URL[] urls = {classes.toUri().toURL()};
    URLClassLoader loader = new URLClassLoader(urls, Calls.class.getClassLoader());
    return loader.loadClass("DashScopeClient");
  }

  public static void main(String[] arguments) throws Exception {
    String credentials = Credentials.basic(arguments[2], "inside");
    Constants.connectionConfigurations =
        ConnectionConfigurations.builder()
            .proxyHost(arguments[0])
            .proxyPort(Integer.parseInt(arguments[1]))
            .proxyAuthenticator(
                (route, answer) -> {
                  if (answer.request().header("Proxy-Authorization") != null) {
                    return null;
                  }
                  return answer.request().newBuilder().header("Proxy-Authorization", credentials).build();
                })
            .build();
    List<Map<String, Object>> results = new ArrayList<>();
    for (int index = 3; index < arguments.length; index += 2) {
      if (!arguments[index].isEmpty()) {
        Class<?> client = compiled(arguments[index]);
        if (arguments[index + 1].equals("main")) {
          client.getMethod("main", String[].class).invoke(null, (Object) new String[] {"hello", "there"});
        }
        client.getMethod("configure").invoke(null);
      }
      Map<String, Object> seen = new LinkedHashMap<>();
      for (String name : arguments[index + 1].split(",")) {
        try {
          seen.put(name, CALLS.get(name).call());
        } catch (Exception error) {
          seen.put(name, error.toString());
        }
      }
      results.add(seen);
    }
    System.out.println(new Gson().toJson(results));
    System.exit(0); // the SDK's connections keep the process for a minute
  }
}
