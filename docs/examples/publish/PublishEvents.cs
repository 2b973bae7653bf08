using System;
using System.IO;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

/// <summary>Publishes events through the sidecar on this host. One object serves the whole process, and any number of threads.</summary>
public sealed class ChatEvents
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private readonly HttpClient http;

    public ChatEvents(string url, string token)
    {
        http = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(30) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Returns the receipt when the event is on the disk of the sidecar. Until then it tries again, under the same id.</summary>
    /// <param name="data">JSON of the event's data: the chat server's own class, serialised as it is.</param>
    /// <exception cref="EventRefused">The event has to be corrected first; the message names every wrong field.</exception>
    public async Task<string> Publish(string type, string data, string id, CancellationToken stop = default(CancellationToken))
    {
        for (var wait = TimeSpan.FromMilliseconds(100); ; wait = wait + wait < LongestWait ? wait + wait : LongestWait)
        {
            try
            {
                using (var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events/" + type))
                {
                    request.Headers.Add("Idempotency-Key", id);
                    request.Content = new StringContent(data, Encoding.UTF8, "application/json");
                    using (var response = await http.SendAsync(request, stop))
                    {
                        var status = (int)response.StatusCode;
                        var body = await response.Content.ReadAsStringAsync();
                        if (status == 202) return body;
                        if (status != 408 && status != 429 && status < 500) throw new EventRefused(status, body);
                    }
                }
            }
            catch (HttpRequestException) { } // The sidecar does not answer: it may have the event, and the id makes both tries one event.
            catch (TaskCanceledException) when (!stop.IsCancellationRequested) { } // No answer within the timeout.
            await Task.Delay(wait, stop);
        }
    }
}

/// <summary>The sidecar refuses an event: its problem details say what to correct.</summary>
public sealed class EventRefused : Exception
{
    public EventRefused(int status, string problem) : base(status + " " + problem) { }
}

public static class Program
{
    public static int Main(string[] args)
    {
        var events = new ChatEvents(Environment.GetEnvironmentVariable("CHAT_EVENTS_URL"), Environment.GetEnvironmentVariable("CHAT_EVENTS_TOKEN"));
        try
        {
            Console.WriteLine(events.Publish(args[0], File.ReadAllText(args[1]), args[2]).GetAwaiter().GetResult());
            return 0;
        }
        catch (EventRefused refused)
        {
            Console.Error.WriteLine(refused.Message);
            return 1;
        }
    }
}
