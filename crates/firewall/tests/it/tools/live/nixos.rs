use firewall::{Backend, Input, LiveError, Part, compare_nixos_option, render};
use serde_json::Value;

use crate::tools::nix;
use crate::{cases, sandbox};

/// As the tool of NixOS up to 24.11 prints it: lists and sets of less than two on one line, names without quotes.
const OLDER: &str = "\
Value:
{
  eth1 = {
    allowedTCPPortRanges = [ ];
    allowedTCPPorts = [ 22 ];
    allowedUDPPortRanges = [ ];
    allowedUDPPorts = [ ];
  };
  tailscale0 = {
    allowedTCPPortRanges = [ ];
    allowedTCPPorts = [
      3000
      8096
      25565
    ];
    allowedUDPPortRanges = [ {
      from = 19132;
      to = 19133;
    } ];
    allowedUDPPorts = [ 25565 ];
  };
}

Default:
{ }

Type:
\"attribute set of (submodule)\"

Description:
''
  Interface-specific open ports.
''

Declared by:
[ \"/nix/store/x-source/nixos/modules/services/networking/firewall.nix\" ]
";

/// As its successor prints it, indented.
const NEWER: &str = "\
Value:
  {
    tailscale0 = {
      allowedTCPPortRanges = [ ];
      allowedTCPPorts = [
        3000
        8096
        25565
      ];
      allowedUDPPortRanges = [
        {
          from = 19132;
          to = 19133;
        }
      ];
      allowedUDPPorts = [
        25565
      ];
    };
  }

Default:
  { }
";

const RECURSIVE: &str = "\
$ nixos-option -r networking.firewall.interfaces
networking.firewall.interfaces.eth1.allowedTCPPorts = [ 22 ];
networking.firewall.interfaces.tailscale0.allowedTCPPortRanges = [ ];
networking.firewall.interfaces.tailscale0.allowedTCPPorts = [
  3000
  8096
  25565
];
networking.firewall.interfaces.tailscale0.allowedUDPPortRanges = [
  { from = 19132; to = 19133; }
];
networking.firewall.interfaces.tailscale0.allowedUDPPorts = [ 25565 ];
";

fn told(input: &Input, text: &str) -> Vec<String> {
    let live = compare_nixos_option(input, text).unwrap();
    live.differences.iter().map(ToString::to_string).collect()
}

#[test]
fn each_form_of_the_tool_is_read() {
    let input = cases::named("mixed");
    for text in [OLDER, NEWER, RECURSIVE] {
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            assert_eq!(told(&input, &text), [""; 0], "{text}");
            let changed = text.replace("8096", "8097").replace("19133", "19139");
            assert_eq!(
                told(&input, &changed),
                [
                    "missing: 8096/tcp on tailscale0",
                    "not ours: 8097/tcp on tailscale0",
                    "not ours: 19134-19139/udp on tailscale0"
                ]
            );
            let elsewhere = text.replace("tailscale0", "tailscale1");
            assert!(told(&input, &elsewhere).iter().all(|line| line.starts_with("missing: ")), "{elsewhere}");
            assert!(told(&cases::named("none"), &elsewhere).is_empty());
        }
    }
}

#[test]
fn an_interface_with_dots_is_found_with_and_without_quotes() {
    let input = cases::named("hostile");
    let interface = input.interface().as_str();
    assert!(interface.contains('.'), "{interface}");
    let wanted = told(&input, "Value:\n{ }\n").len();
    for name in [interface.to_owned(), format!("\"{interface}\"")] {
        let text = format!("Value:\n{{ {name} = {{ allowedTCPPorts = [ 1 ]; }}; }}\n");
        assert_ne!(told(&input, &text).len(), wanted, "{text}");
        let text = format!("networking.firewall.interfaces.{name}.allowedTCPPorts = [ 1 ];\n");
        assert_ne!(told(&input, &text).len(), wanted, "{text}");
    }
}

#[test]
fn the_value_that_nix_itself_prints_is_what_was_rendered() {
    if !sandbox::installed("comparing values of Nix", &["nix-instantiate"]) {
        return;
    }
    for (name, input) in cases::all() {
        for backend in [Backend::NixosNftables, Backend::NixosIptables] {
            let module = render(&input, backend, Part::All).text();
            let options: Value = nix::evaluate(&module);
            if options["networking"]["firewall"]["interfaces"].is_null() {
                assert_eq!(told(&input, "Value:\n{ }\n"), [""; 0], "{name}");
                continue;
            }
            let expression = format!("(({module}) {{ config = {{ }}; }}).networking.firewall.interfaces");
            let output = nix::nix(&["--eval", "--strict", "-E", &expression], "");
            sandbox::accepted(&name, &module, &output);
            let value = String::from_utf8(output.stdout).unwrap();
            assert_eq!(told(&input, &format!("Value:\n{value}")), [""; 0], "{backend} {name}: {value}");
        }
    }
}

#[test]
fn a_text_without_the_value_is_refused() {
    let input = cases::named("one");
    for text in [
        "",
        "Value:\n[ 80 ]\n",
        "Value:\n{ tailscale0 = {",
        "Value:\n{ tailscale0 = { allowedTCPPorts = [ «error: x» ]; }; }\n",
        "Value:\n{ tailscale0 = { allowedTCPPorts = [ 99999 ]; }; }\n",
        "This attribute set contains:\nallowedTCPPorts\n",
    ] {
        assert_eq!(compare_nixos_option(&input, text), Err(LiveError::NoValue), "{text}");
    }
    assert_eq!(compare_nixos_option(&input, &"x\n".repeat(30_000)), Err(LiveError::TooLong));
}
