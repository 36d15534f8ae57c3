"""How to get a font with Chinese characters on the systems that offices have."""

from redistrict.messages import Message

FONT_REMEDY = Message(
    "Install one: Windows (PowerShell as administrator) Add-WindowsCapability -Online -Name "
    "Language.Fonts.Hans~~~und-HANS~0.0.1.0; Debian, Ubuntu, Kylin, UOS sudo apt-get install fonts-noto-cjk; "
    "Fedora, openEuler sudo dnf install google-noto-sans-cjk-fonts.",
    "安装方法：Windows（管理员 PowerShell）Add-WindowsCapability -Online -Name Language.Fonts.Hans~~~und-HANS~0.0.1.0；"
    "Debian、Ubuntu、麒麟、统信 UOS 用 sudo apt-get install fonts-noto-cjk；"
    "Fedora、openEuler 用 sudo dnf install google-noto-sans-cjk-fonts。",
)
