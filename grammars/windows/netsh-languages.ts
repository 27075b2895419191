/**
 * The words of `netsh advfirewall`, by Windows display language. netsh prints fixed labels at column 0 and values at column 38;
 * both are translated, tokens such as `TCP`, `LocalSubnet` and `BlockInbound` are not.
 *
 * To add a language, copy one entry and fill it from a captured output. Every list may hold several spellings, because Windows
 * versions differ; a word must not stand in two lists of one kind. Labels are written without the final colon.
 */
export interface NetshLanguage {
  readonly code: string;
  readonly title: string;
  readonly labels: Readonly<Record<NetshField, readonly string[]>>;
  readonly words: Readonly<Record<NetshWord, readonly string[]>>;
  /** The headings of `show allprofiles`, without the colon. */
  readonly headings: Readonly<Record<'domain' | 'private' | 'public', readonly string[]>>;
  readonly settings: Readonly<Record<NetshSetting, readonly string[]>>;
  /** The line that ends a complete listing. */
  readonly end: readonly string[];
}

export const netshFields = [
  'name',
  'description',
  'enabled',
  'direction',
  'profiles',
  'grouping',
  'localIp',
  'remoteIp',
  'protocol',
  'localPort',
  'remotePort',
  'edge',
  'program',
  'service',
  'interfaceTypes',
  'security',
  'source',
  'action',
] as const;
export type NetshField = (typeof netshFields)[number];

export type NetshWord =
  | 'yes'
  | 'no'
  | 'in'
  | 'out'
  | 'domain'
  | 'private'
  | 'public'
  | 'any'
  | 'allow'
  | 'block'
  | 'bypass'
  | 'notRequired'
  | 'localSource'
  | 'policySource'
  | 'on'
  | 'off'
  | 'enabled'
  | 'disabled';

export type NetshSetting = 'state' | 'policy' | 'localRules';

const english: NetshLanguage = {
  code: 'en',
  title: 'English',
  labels: {
    name: ['Rule Name'],
    description: ['Description'],
    enabled: ['Enabled'],
    direction: ['Direction'],
    profiles: ['Profiles'],
    grouping: ['Grouping'],
    localIp: ['LocalIP'],
    remoteIp: ['RemoteIP'],
    protocol: ['Protocol'],
    localPort: ['LocalPort'],
    remotePort: ['RemotePort'],
    edge: ['Edge traversal'],
    program: ['Program'],
    service: ['Service'],
    interfaceTypes: ['InterfaceTypes'],
    security: ['Security'],
    source: ['Rule source'],
    action: ['Action'],
  },
  words: {
    yes: ['Yes'],
    no: ['No'],
    in: ['In'],
    out: ['Out'],
    domain: ['Domain'],
    private: ['Private'],
    public: ['Public'],
    any: ['Any'],
    allow: ['Allow'],
    block: ['Block'],
    bypass: ['Bypass'],
    notRequired: ['NotRequired', 'Not Required'],
    localSource: ['Local Setting'],
    policySource: ['Group Policy Setting', 'Group Policy'],
    on: ['ON'],
    off: ['OFF'],
    enabled: ['Enable', 'Enabled'],
    disabled: ['Disable', 'Disabled'],
  },
  headings: {
    domain: ['Domain Profile Settings'],
    private: ['Private Profile Settings'],
    public: ['Public Profile Settings'],
  },
  settings: {
    state: ['State'],
    policy: ['Firewall Policy'],
    localRules: ['LocalFirewallRules'],
  },
  end: ['Ok.'],
};

const german: NetshLanguage = {
  code: 'de',
  title: 'German',
  labels: {
    name: ['Regelname'],
    description: ['Beschreibung'],
    enabled: ['Aktiviert'],
    direction: ['Richtung'],
    profiles: ['Profile'],
    grouping: ['Gruppierung'],
    localIp: ['Lokales IP', 'LokaleIP', 'Lokale IP'],
    remoteIp: ['Remote-IP', 'RemoteIP'],
    protocol: ['Protokoll'],
    localPort: ['Lokaler Port', 'LokalerPort'],
    remotePort: ['Remoteport', 'RemotePort'],
    edge: ['Edgeausnahme'],
    program: ['Programm'],
    service: ['Dienst'],
    interfaceTypes: ['Schnittstellentypen'],
    security: ['Sicherheit'],
    source: ['Regelquelle'],
    action: ['Aktion'],
  },
  words: {
    yes: ['Ja'],
    no: ['Nein'],
    in: ['Eingehend', 'Ein'],
    out: ['Ausgehend', 'Aus'],
    domain: ['Domäne'],
    private: ['Privat'],
    public: ['Öffentlich'],
    any: ['Beliebig'],
    allow: ['Zulassen'],
    block: ['Blockieren', 'Blocken'],
    bypass: ['Umgehen'],
    notRequired: ['Nicht erforderlich'],
    localSource: ['Lokale Einstellung'],
    policySource: ['Gruppenrichtlinieneinstellung', 'Gruppenrichtlinie'],
    on: ['EIN'],
    off: ['AUS'],
    enabled: ['Aktivieren', 'Aktiviert'],
    disabled: ['Deaktivieren', 'Deaktiviert'],
  },
  headings: {
    domain: ['Domänenprofil-Einstellungen', 'Einstellungen für Domänenprofil', 'Domänenprofileinstellungen'],
    private: [
      'Private Profil-Einstellungen',
      'Privates Profil-Einstellungen',
      'Einstellungen für Privates Profil',
    ],
    public: [
      'Öffentliche Profil-Einstellungen',
      'Öffentliches Profil-Einstellungen',
      'Einstellungen für Öffentliches Profil',
    ],
  },
  settings: {
    state: ['Status'],
    policy: ['Firewallrichtlinie'],
    localRules: ['Lokale Firewallregeln', 'LocalFirewallRules'],
  },
  end: ['OK.'],
};

const french: NetshLanguage = {
  code: 'fr',
  title: 'French',
  labels: {
    name: ['Nom de la règle'],
    description: ['Description'],
    enabled: ['Activé', 'Activée'],
    direction: ['Direction', 'Sens'],
    profiles: ['Profils', 'Profiles'],
    grouping: ['Groupement', 'Regroupement'],
    localIp: ['LocalIP', 'IP locale', 'Adresse IP locale'],
    remoteIp: ['RemoteIP', 'IP distante', 'Adresse IP distante'],
    protocol: ['Protocole'],
    localPort: ['LocalPort', 'Port local'],
    remotePort: ['RemotePort', 'Port distant'],
    edge: ['Traversée latérale', 'Traversée des limites'],
    program: ['Programme'],
    service: ['Service'],
    interfaceTypes: ['Types d’interface', "Types d'interface", 'InterfaceTypes'],
    security: ['Sécurité'],
    source: ['Source de la règle', 'Source de règle'],
    action: ['Action'],
  },
  words: {
    yes: ['Oui'],
    no: ['Non'],
    // `Actif` is what Windows prints for an inbound rule: a translation of "In" that went wrong.
    in: ['Actif', 'Entrée', 'Entrant'],
    out: ['Sortie', 'Sortant', 'Inactif'],
    domain: ['Domaine'],
    private: ['Privé'],
    public: ['Public'],
    any: ['Tout', 'Tous', 'Toute', 'Toutes', 'N’importe lequel'],
    allow: ['Autoriser'],
    block: ['Bloquer', 'Bloc'],
    bypass: ['Ignorer', 'Contourner'],
    notRequired: ['Non requis', 'Non requise', 'NotRequired'],
    localSource: ['Paramètre local'],
    policySource: ['Paramètre de stratégie de groupe', 'Stratégie de groupe'],
    on: ['ACTIF', 'ON'],
    off: ['INACTIF', 'OFF'],
    enabled: ['Activer', 'Activé'],
    disabled: ['Désactiver', 'Désactivé'],
  },
  headings: {
    domain: [
      'Paramètres Profil de domaine',
      'Paramètres du profil de domaine',
      'Paramètres de Profil de domaine',
    ],
    private: ['Paramètres Profil privé', 'Paramètres du profil privé', 'Paramètres de Profil privé'],
    public: ['Paramètres Profil public', 'Paramètres du profil public', 'Paramètres de Profil public'],
  },
  settings: {
    state: ['État', 'Etat'],
    policy: ['Stratégie de pare-feu', 'Politique de pare-feu'],
    localRules: ['LocalFirewallRules', 'Règles de pare-feu locales'],
  },
  end: ['Ok.'],
};

const spanish: NetshLanguage = {
  code: 'es',
  title: 'Spanish',
  labels: {
    name: ['Nombre de regla'],
    description: ['Descripción'],
    enabled: ['Habilitada', 'Habilitado'],
    direction: ['Dirección'],
    profiles: ['Perfiles'],
    grouping: ['Agrupamiento', 'Agrupación'],
    localIp: ['LocalIP', 'IP local'],
    remoteIp: ['RemoteIP', 'IP remota'],
    protocol: ['Protocolo'],
    localPort: ['LocalPort', 'Puerto local'],
    remotePort: ['RemotePort', 'Puerto remoto'],
    edge: ['Cruce seguro del perímetro', 'Cruce de bordes'],
    program: ['Programa'],
    service: ['Servicio'],
    interfaceTypes: ['Tipos de interfaz', 'InterfaceTypes'],
    security: ['Seguridad'],
    source: ['Origen de la regla', 'Origen de regla'],
    action: ['Acción'],
  },
  words: {
    yes: ['Sí', 'Si'],
    no: ['No'],
    in: ['Dentro', 'Entrada', 'Entrante'],
    out: ['Fuera', 'Salida', 'Saliente'],
    domain: ['Dominio'],
    private: ['Privada', 'Privado'],
    public: ['Pública', 'Público'],
    any: ['Cualquiera'],
    allow: ['Permitir'],
    block: ['Bloquear'],
    bypass: ['Omitir'],
    notRequired: ['No requerida', 'No requerido', 'NotRequired'],
    localSource: ['Configuración local'],
    policySource: ['Configuración de directiva de grupo', 'Directiva de grupo'],
    on: ['ACTIVAR', 'ACTIVADO'],
    off: ['DESACTIVAR', 'DESACTIVADO'],
    enabled: ['Habilitar', 'Habilitado'],
    disabled: ['Deshabilitar', 'Deshabilitado'],
  },
  headings: {
    domain: ['Configuración de Perfil de dominio', 'Configuración de perfil de dominio'],
    private: ['Configuración de Perfil privado', 'Configuración de perfil privado'],
    public: ['Configuración de Perfil público', 'Configuración de perfil público'],
  },
  settings: {
    state: ['Estado'],
    policy: ['Directiva de firewall', 'Directiva de Firewall'],
    localRules: ['Reglas de firewall local', 'LocalFirewallRules'],
  },
  end: ['Aceptar'],
};

const russian: NetshLanguage = {
  code: 'ru',
  title: 'Russian',
  labels: {
    name: ['Имя правила'],
    description: ['Описание'],
    enabled: ['Включено', 'Включен', 'Включена'],
    direction: ['Направление'],
    profiles: ['Профили'],
    grouping: ['Группировка', 'Группирование'],
    localIp: ['Локальный IP-адрес', 'Локальный IP', 'LocalIP'],
    remoteIp: ['Удаленный IP-адрес', 'Удаленный IP', 'RemoteIP'],
    protocol: ['Протокол'],
    localPort: ['Локальный порт', 'LocalPort'],
    remotePort: ['Удаленный порт', 'RemotePort'],
    edge: ['Обход узлов', 'Разрешение обхода границ', 'Обход границ'],
    program: ['Программа'],
    service: ['Служба'],
    interfaceTypes: ['Типы интерфейсов', 'InterfaceTypes'],
    security: ['Безопасность'],
    source: ['Источник правила'],
    action: ['Действие'],
  },
  words: {
    yes: ['Да'],
    no: ['Нет'],
    in: ['Внутрь', 'Входящий', 'Входящее', 'Вход', 'In'],
    out: ['Наружу', 'Исходящий', 'Исходящее', 'Выход', 'Out'],
    domain: ['Домен', 'Доменный'],
    private: ['Частный', 'Частные'],
    public: ['Общий', 'Общие', 'Публичный', 'Общедоступный'],
    any: ['Любой', 'Любое', 'Любая'],
    allow: ['Разрешить'],
    block: ['Заблокировать', 'Блокировать', 'Запретить'],
    bypass: ['Обход', 'Обойти'],
    notRequired: ['Не требуется', 'NotRequired'],
    localSource: ['Локальный параметр', 'Локальные параметры'],
    policySource: ['Параметр групповой политики', 'Групповая политика'],
    on: ['ВКЛЮЧИТЬ', 'ВКЛ', 'ВКЛ.'],
    off: ['ВЫКЛЮЧИТЬ', 'ОТКЛЮЧИТЬ', 'ВЫКЛ', 'ВЫКЛ.', 'ОТКЛ'],
    enabled: ['Включить', 'Включено'],
    disabled: ['Отключить', 'Отключено'],
  },
  headings: {
    domain: ['Параметры Профиль домена', 'Параметры профиля домена'],
    private: ['Параметры Частный профиль', 'Параметры частного профиля'],
    public: ['Параметры Общий профиль', 'Параметры общего профиля'],
  },
  settings: {
    state: ['Состояние'],
    policy: ['Политика брандмауэра'],
    localRules: ['Локальные правила брандмауэра', 'LocalFirewallRules'],
  },
  end: ['ОК.', 'OK.', 'Ок.'],
};

const japanese: NetshLanguage = {
  code: 'ja',
  title: 'Japanese',
  labels: {
    name: ['規則名'],
    description: ['説明'],
    enabled: ['有効'],
    direction: ['方向'],
    profiles: ['プロファイル'],
    grouping: ['グループ'],
    localIp: ['ローカル IP'],
    remoteIp: ['リモート IP'],
    protocol: ['プロトコル'],
    localPort: ['ローカル ポート'],
    remotePort: ['リモート ポート'],
    edge: ['エッジ トラバーサル'],
    program: ['プログラム'],
    service: ['サービス'],
    interfaceTypes: ['インターフェイスの種類', 'インターフェイス タイプ'],
    security: ['セキュリティ'],
    source: ['規則のソース', '規則ソース'],
    action: ['操作'],
  },
  words: {
    yes: ['はい'],
    no: ['いいえ'],
    in: ['入力', '受信'],
    out: ['出力', '送信'],
    domain: ['ドメイン'],
    private: ['プライベート'],
    public: ['パブリック'],
    any: ['任意'],
    allow: ['許可'],
    block: ['ブロック', '拒否'],
    bypass: ['バイパス'],
    notRequired: ['不要', '必要なし', 'NotRequired'],
    localSource: ['ローカル設定'],
    policySource: ['グループ ポリシー設定', 'グループ ポリシー'],
    on: ['オン'],
    off: ['オフ'],
    enabled: ['有効'],
    disabled: ['無効'],
  },
  headings: {
    domain: ['ドメイン プロファイル 設定', 'ドメイン プロファイル設定', 'ドメイン プロファイルの設定'],
    private: [
      'プライベート プロファイル 設定',
      'プライベート プロファイル設定',
      'プライベート プロファイルの設定',
    ],
    public: ['パブリック プロファイル 設定', 'パブリック プロファイル設定', 'パブリック プロファイルの設定'],
  },
  settings: {
    state: ['状態', 'State'],
    policy: ['ファイアウォール ポリシー'],
    localRules: ['LocalFirewallRules', 'ローカル ファイアウォール規則'],
  },
  end: ['OK'],
};

const chinese: NetshLanguage = {
  code: 'zh',
  title: 'Chinese',
  labels: {
    name: ['规则名称', '規則名稱'],
    description: ['描述'],
    enabled: ['已启用', '已啟用'],
    direction: ['方向'],
    profiles: ['配置文件', '設定檔'],
    grouping: ['分组', '群組'],
    localIp: ['本地 IP', '本機 IP'],
    remoteIp: ['远程 IP', '遠端 IP'],
    protocol: ['协议', '通訊協定'],
    localPort: ['本地端口', '本機連接埠'],
    remotePort: ['远程端口', '遠端連接埠'],
    edge: ['边缘遍历', '邊緣周遊'],
    program: ['程序', '程式'],
    service: ['服务', '服務'],
    interfaceTypes: ['接口类型', '介面類型'],
    security: ['安全', '安全性'],
    source: ['规则源', '規則來源'],
    action: ['操作', '動作'],
  },
  words: {
    yes: ['是'],
    no: ['否'],
    in: ['入', '入站', '輸入'],
    out: ['出', '出站', '輸出'],
    domain: ['域', '網域'],
    private: ['专用', '私人'],
    public: ['公用'],
    any: ['任何', '任一'],
    allow: ['允许', '允許'],
    block: ['阻止', '封鎖'],
    bypass: ['绕过', '略過'],
    notRequired: ['不需要', '不要求', 'NotRequired'],
    localSource: ['本地设置', '本機設定'],
    policySource: ['组策略设置', '群組原則設定'],
    on: ['启用', '開啟', '打开'],
    off: ['关闭', '關閉', '禁用'],
    enabled: ['启用', '啟用'],
    disabled: ['禁用', '停用'],
  },
  headings: {
    domain: ['域配置文件 设置', '域配置文件设置', '網域設定檔 設定', '網域設定檔設定'],
    private: ['专用配置文件 设置', '专用配置文件设置', '私人設定檔 設定', '私人設定檔設定'],
    public: ['公用配置文件 设置', '公用配置文件设置', '公用設定檔 設定', '公用設定檔設定'],
  },
  settings: {
    state: ['状态', '狀態'],
    policy: ['防火墙策略', '防火牆原則'],
    localRules: ['LocalFirewallRules', '本地防火墙规则', '本機防火牆規則'],
  },
  end: ['确定。', '確定。', '确定', '確定', 'OK.'],
};

export const netshLanguages: readonly NetshLanguage[] = [
  english,
  german,
  french,
  spanish,
  russian,
  japanese,
  chinese,
];
