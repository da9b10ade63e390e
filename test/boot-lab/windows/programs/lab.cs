// What the stand-ins need of .NET: compiled once, with the image, by PowerShell's own compiler.
using System;
using System.IO;
using System.Management.Automation.Runspaces;
using System.Text;
using System.Threading;

namespace ClusterNodeLab {
  public static class Notes {
    public static void Call(string text) { Append(@"C:\lab\calls.log", text); }

    // Start and end of this process in C:\lab\processes.log. One that is ended from outside leaves no end, and one that ends
    // itself with Environment.Exit leaves its runspace open: `left`.
    public static void Process() {
      Append(@"C:\lab\processes.log", "start " + Now() + " " + Environment.ProcessId + " " + Environment.CommandLine);
      var runspace = Runspace.DefaultRunspace;
      AppDomain.CurrentDomain.ProcessExit += delegate {
        string how = runspace.RunspaceStateInfo.State == RunspaceState.Closed ? "end" : "left";
        Append(@"C:\lab\processes.log", how + " " + Now() + " " + Environment.ProcessId + " " + Environment.ExitCode);
      };
    }

    // The process that runs the script and has noted no end, or 0.
    public static int Running(string script) {
      int running = 0;
      using (var stream = new FileStream(@"C:\lab\processes.log", FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
      foreach (string line in new StreamReader(stream).ReadToEnd().Split('\n')) {
        string[] parts = line.Split(new[] { ' ' }, 4);
        if (parts.Length < 4) continue;
        if (parts[0] != "start") { if (parts[2] == running.ToString()) running = 0; }
        else if (parts[3].Contains(script)) running = int.Parse(parts[2]);
      }
      return running;
    }

    // The next line of a file of faults, or null. One that begins with * stays.
    public static string Fault(string name) {
      string file = @"C:\lab\faults\" + name;
      if (!File.Exists(file)) return null;
      string[] lines = File.ReadAllLines(file);
      if (lines.Length == 0) return null;
      if (lines[0].StartsWith("*")) return lines[0].Substring(1);
      File.WriteAllLines(file, new ArraySegment<string>(lines, 1, lines.Length - 1));
      return lines[0];
    }

    static long Now() { return DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(); }

    static void Append(string file, string text) {
      byte[] line = Encoding.UTF8.GetBytes(text.Replace("\r", " ").Replace("\n", " ") + "\n");
      for (int attempt = 0; ; attempt++) {
        try {
          using (var stream = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) stream.Write(line, 0, line.Length);
          return;
        } catch (IOException) { if (attempt == 50) throw; Thread.Sleep(20); }
      }
    }
  }
}

namespace Microsoft.PowerShell.Commands {
  public class MemberExistsException : Exception { public MemberExistsException(string message) : base(message) { } }
  public class MemberNotFoundException : Exception { public MemberNotFoundException(string message) : base(message) { } }
  public class UserNotFoundException : Exception { public UserNotFoundException(string message) : base(message) { } }
  public class UserExistsException : Exception { public UserExistsException(string message) : base(message) { } }
  public class GroupNotFoundException : Exception { public GroupNotFoundException(string message) : base(message) { } }
  public class PrincipalNotFoundException : Exception { public PrincipalNotFoundException(string message) : base(message) { } }
  public class InvalidPasswordException : Exception { public InvalidPasswordException(string message) : base(message) { } }
}
